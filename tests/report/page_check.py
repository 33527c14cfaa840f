"""Is a page well made? Elements nest, ids are unique, links lead somewhere, tables and pictures say what they are.

In: HTML. Out: the faults, one line each. Not here: what the page should say.
"""

from html.parser import HTMLParser

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
IN_HEAD_ONLY = frozenset(("title", "base"))
PARENTS = {
    "tr": {"thead", "tbody"},
    "td": {"tr"},
    "th": {"tr"},
    "caption": {"table"},
    "li": {"ul", "ol"},
    "dt": {"dl", "div"},
    "dd": {"dl", "div"},
    "summary": {"details"},
    "figcaption": {"figure"},
}
NOT_IN_P = frozenset(["div", "p", "ul", "ol", "dl", "table", "figure", "section", "article", "details", "h1", "h2", "h3", "h4", "pre"])


def faults(html: str) -> list[str]:
    page = _Page()
    page.feed(html)
    page.close()
    return page.ended()


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []
        self.references: list[str] = []
        self.headings: list[int] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self._check_place(tag)
        self._check_attributes(tag, attributes)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.found.append(f"</{tag}> closes {self.open[-3:]} at {self.getpos()}")
            return
        self.open.pop()

    def ended(self) -> list[str]:
        known = set(self.ids)
        twice = {one for one in self.ids if self.ids.count(one) > 1}
        jumps = [f"h{a} then h{b}" for a, b in zip(self.headings, self.headings[1:], strict=False) if b > a + 1]
        return [
            *self.found,
            *(f"open at the end: {tag}" for tag in self.open),
            *(f"id twice: {one}" for one in sorted(twice)),
            *(f"leads nowhere: {one}" for one in self.references if one not in known),
            *jumps,
            *([f"{self.headings.count(1)} top headings"] if self.headings.count(1) != 1 else []),
        ]

    def _check_place(self, tag: str) -> None:
        parent = self.open[-1] if self.open else ""
        if tag in PARENTS and parent not in PARENTS[tag]:
            self.found.append(f"<{tag}> in <{parent}> at {self.getpos()}")
        if "p" in self.open and tag in NOT_IN_P:
            self.found.append(f"<{tag}> inside <p> at {self.getpos()}")
        if self.open and self.open[-1] == "table" and tag not in ("caption", "thead", "tbody"):
            self.found.append(f"<{tag}> directly in <table> at {self.getpos()}")
        if tag in IN_HEAD_ONLY and "svg" not in self.open and "head" not in self.open:
            self.found.append(f"<{tag}> outside <head>")
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self.headings.append(int(tag[1]))

    def _check_attributes(self, tag: str, attributes: dict[str, str | None]) -> None:
        if (one := attributes.get("id")) is not None:
            self.ids.append(one)
        href = attributes.get("href")
        if href is not None:
            if not href.startswith("#"):
                self.found.append(f"leads out of the page: {href}")
            self.references.append(href.removeprefix("#"))
        if named := attributes.get("aria-labelledby"):
            self.references.append(named)
        for name in attributes:
            if name.startswith("on") or name in ("style", "src", "srcset", "action"):
                self.found.append(f"attribute {name} on <{tag}>")
        if tag == "th" and "scope" not in attributes:
            self.found.append(f"<th> without scope at {self.getpos()}")
        if (
            tag == "svg"
            and "svg" not in self.open
            and "aria-label" not in attributes
            and attributes.get("aria-hidden") != "true"
            and attributes.get("role") != "img"
        ):
            self.found.append(f"<svg> without a name at {self.getpos()}")
        if tag == "button" and attributes.get("type") != "button":
            self.found.append("<button> without type")
