"""Plots as SVG text, made by pure functions of numbers.

In: plain numbers and labels. Out: `Markup`. Not here: results.json, sections, colours (CSS classes name them; `palette` has them).
Equal input gives equal bytes. Text stays text, so that it can be selected, searched and read aloud.
"""
