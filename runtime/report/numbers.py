"""How every number of the report is written, in one place.

In: numbers as results.json holds them. Out: text. Not here: where a number comes from, what it means.
A number that there is not is a dash, never 0.
"""

from math import floor, isfinite, log10

NONE = "–"
MINUS = "−"


def measure(value: float | None) -> str:
    """A metric's value: three decimals up to 10, fewer above, one significant digit below 0.001."""
    if value is None or not isfinite(value):
        return NONE
    size = abs(value)
    if size == 0 or 0.001 <= size < 10:
        text = f"{size:.3f}"
    elif size < 0.001:
        text = f"{size:.4f}" if size >= 0.0001 else f"{size:.0e}".replace("-", MINUS)
    elif size < 100:
        text = f"{size:.2f}"
    elif size < 10_000:
        text = f"{size:.1f}"
    else:
        text = f"{size:,.0f}"
    return MINUS + text if value < 0 and text.strip("0.") else text


def difference(value: float | None) -> str:
    """A metric's difference, with its sign."""
    text = measure(value)
    return f"+{text}" if value is not None and value > 0 and text.strip("0.") and text != NONE else text


def interval(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return ""
    return f"[{measure(low)}, {measure(high)}]"


def signed_interval(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return ""
    return f"[{difference(low)}, {difference(high)}]"


def p_value(value: float | None) -> str:
    if value is None:
        return NONE
    if value < 0.001:
        return "< 0.001"
    return f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def count(value: float | None) -> str:
    return NONE if value is None else f"{value:,.0f}"


def share(value: float | None) -> str:
    """A share of 1 as a percentage; less than all is never written as 100%."""
    if value is None:
        return NONE
    percent = value * 100
    return f"{percent:.1f}%" if percent < 99.95 or percent >= 100 else "99.9%"


def seconds(value: float | None) -> str:
    if value is None:
        return NONE
    if value < 0.001:
        return "< 1 ms"
    if value < 0.9995:
        return f"{value * 1000:.0f} ms"
    if value < 59.95:
        return f"{value:.1f} s"
    whole = round(value)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def rate(value: float | None) -> str:
    """Examples per second."""
    if value is None:
        return NONE
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def memory(value: float | None) -> str:
    """Bytes, in binary units."""
    return _scaled(value, 1024, ("B", "KiB", "MiB", "GiB", "TiB"))


def parameters(value: float | None) -> str:
    return _scaled(value, 1000, ("", "k", "M", "G", "T"))


def _scaled(value: float | None, base: int, units: tuple[str, ...]) -> str:
    if value is None:
        return NONE
    size = 0
    while abs(value) >= base and size < len(units) - 1:
        value, size = value / base, size + 1
    text = f"{value:,.0f}" if size == 0 or abs(value) >= 100 else f"{value:.1f}"
    return f"{text} {units[size]}".rstrip()


def tick(value: float, step: float) -> str:
    """A tick of an axis whose ticks are `step` apart: as many decimals as tell neighbours apart, no more."""
    decimals = max(0, -floor(log10(step) + 1e-9)) if step > 0 else 0
    text = f"{abs(value):,.{decimals}f}"
    return MINUS + text if value < 0 and text.strip("0.") else text


def sort_key(value: float | None) -> str:
    """What a browser sorts a cell by; an absent number sorts last."""
    return "" if value is None or not isfinite(value) else repr(float(value))


def plural(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
