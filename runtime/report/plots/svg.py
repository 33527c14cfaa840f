"""SVG elements as escaped text.

In: names, attributes, children. Out: `Markup`, safe to put into HTML. Not here: any plot.
"""

from markupsafe import Markup, escape

Attribute = str | float | int


def element(tag: str, *children: str | Markup, **attributes: Attribute) -> Markup:
    """One element. Children that are not `Markup` are escaped. In attribute names `_` stands for `-`, and a final `_` is dropped."""
    written = "".join(f' {_name(name)}="{escape(_value(value))}"' for name, value in attributes.items())
    body = Markup("").join(children)
    return Markup(f"<{tag}{written}>{body}</{tag}>")


def picture(width: float, height: float, description: str, *children: Markup) -> Markup:
    """A whole drawing that scales with its container; `description` is what a screen reader says instead of it."""
    box = f"0 0 {_value(width)} {_value(height)}"
    return element("svg", *children, viewBox=box, width=width, height=height, role="img", aria_label=description)


def text(x: Attribute, y: Attribute, words: str, anchor: str = "start", class_: str = "tick") -> Markup:
    return element("text", words, x=x, y=y, text_anchor=anchor, class_=class_)


def line(x1: Attribute, y1: Attribute, x2: Attribute, y2: Attribute, class_: str) -> Markup:
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


def circle(x: Attribute, y: Attribute, radius: float, class_: str, hint: str = "") -> Markup:
    return element("circle", *([element("title", hint)] if hint else []), cx=x, cy=y, r=radius, class_=class_)


def path(points: list[tuple[float, float]], class_: str) -> Markup:
    """A line through the points, in order."""
    steps = "L".join(f"{_value(x)} {_value(y)}" for x, y in points)
    return element("path", d=f"M{steps}", class_=class_)


def _name(name: str) -> str:
    return name if name == "viewBox" else name.rstrip("_").replace("_", "-")


def _value(value: Attribute) -> str:
    """Numbers with at most two decimals, so that the text is short and the same on every machine."""
    if isinstance(value, str):
        return value
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
