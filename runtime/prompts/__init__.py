"""Prompts: what a model is shown of an example, and the token requests that are made of it."""
