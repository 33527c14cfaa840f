"""The letter that a choice is called by.

In: its place in the list. Out: A, B, ... Z, AA, AB, ..., as prompts write them.
"""

from string import ascii_uppercase


def letter(place: int) -> str:
    if place < len(ascii_uppercase):
        return ascii_uppercase[place]
    return letter(place // len(ascii_uppercase) - 1) + ascii_uppercase[place % len(ascii_uppercase)]
