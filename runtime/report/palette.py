"""The report's colours, once, for both themes.

In: nothing. Out: `PALETTE`, `TEXT_ON` and the CSS that defines them. The tests measure the contrast of every pair in `TEXT_ON`.

Blue stands for right, orange for wrong or doubtful: the pair that all common kinds of colour blindness keep apart. No meaning is
carried by colour alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Colour:
    """A CSS variable with its value in the light and the dark theme."""

    name: str
    light: str
    dark: str


PALETTE = (
    Colour("page", "#ffffff", "#14171b"),
    Colour("panel", "#f6f7f8", "#1b1f25"),
    Colour("raised", "#ffffff", "#1f242b"),
    Colour("ink", "#1b1f24", "#e7eaee"),
    Colour("muted", "#555d68", "#a5aeb9"),
    Colour("rule", "#d9dde2", "#343b45"),
    Colour("strong-rule", "#868f9b", "#77818d"),
    Colour("accent", "#0b5a9d", "#7ab8f0"),
    Colour("accent-soft", "#e8f1f9", "#172c40"),
    Colour("warn", "#9a4600", "#f0a35e"),
    Colour("warn-soft", "#fdf0e3", "#35240f"),
    Colour("quiet-dot", "#737c88", "#8a94a1"),
    Colour("found", "#fdeeb0", "#564708"),
    Colour("band", "#cfe0f0", "#24435f"),
    Colour("syntax-keyword", "#0b5a9d", "#7ab8f0"),
    Colour("syntax-string", "#2b6a2f", "#93cf96"),
    Colour("syntax-number", "#8a4100", "#eeb078"),
    Colour("syntax-comment", "#5f6873", "#98a2ae"),
    Colour("syntax-call", "#6a3d9a", "#c9a8ee"),
    *(
        Colour(f"right-{step}", light, dark)
        for step, (light, dark) in enumerate(
            (("#eef4fa", "#1a2733"), ("#d3e4f3", "#1c3348"), ("#a9cbe8", "#1d4467"), ("#4f8fc4", "#5aa0da"), ("#0b5a9d", "#8cc4f4")), 1
        )
    ),
    *(
        Colour(f"wrong-{step}", light, dark)
        for step, (light, dark) in enumerate(
            (("#fdf3ea", "#2b2118"), ("#f9dfc6", "#44301c"), ("#f2bd8b", "#654019"), ("#d9812f", "#d98a3d"), ("#9a4600", "#f5b478")), 1
        )
    ),
    Colour("on-strong-4", "#000000", "#000000"),
    Colour("on-strong-5", "#ffffff", "#000000"),
)

TEXT_ON = (
    *((text, ground) for text in ("ink", "muted", "accent", "warn") for ground in ("page", "panel", "raised", "accent-soft", "warn-soft")),
    ("ink", "found"),
    *((f"syntax-{kind}", "panel") for kind in ("keyword", "string", "number", "comment", "call")),
    *(("ink", f"{side}-{step}") for side in ("right", "wrong") for step in (1, 2, 3)),
    *((f"on-strong-{step}", f"{side}-{step}") for side in ("right", "wrong") for step in (4, 5)),
)


def css_variables() -> str:
    """Light by default, dark where the system or the reader asks for it, light on paper."""
    light = " ".join(_lines("light"))
    dark = " ".join(_lines("dark"))
    return "\n".join(
        (
            f":root {{ color-scheme: light; {light} }}",
            f"@media screen and (prefers-color-scheme: dark) {{ :root:not([data-theme=light]) {{ color-scheme: dark; {dark} }} }}",
            f"@media screen {{ :root[data-theme=dark] {{ color-scheme: dark; {dark} }} }}",
        )
    )


def _lines(theme: str) -> Iterator[str]:
    for colour in PALETTE:
        yield f"--{colour.name}: {colour.light if theme == 'light' else colour.dark};"


def contrast(text: str, ground: str) -> float:
    """WCAG 2.2 contrast ratio of two colours `#rrggbb`, 1 to 21."""
    lighter, darker = sorted((_luminance(text), _luminance(ground)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
