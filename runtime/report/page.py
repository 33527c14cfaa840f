"""From the report's content to one HTML file.

In: `Summary`. Out: HTML that asks nothing of the network. Not here: what the report says.

The page carries a content security policy that lets nothing load and no script run but the one whose hash it names, so that markup in
data or names could do nothing even if it came through the escaping.
"""

import base64
import hashlib
from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from benchc.runtime.report.document import Summary
from benchc.runtime.report.palette import css_variables
from benchc.runtime.report.prose import breakable

TEMPLATES = "benchc.templates"


def render_page(summary: Summary) -> str:
    style = css_variables() + "\n" + _read("report.css")
    script = _read("report.js")
    policy = f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'"
    # Both files are the project's own and hold no `</`, so they cannot end their element early.
    assert "</" not in style + script, "the style sheet and the script must not hold `</`"
    page = _templates().get_template("report.html")
    return page.render(summary=summary, style=Markup(style), script=Markup(script), policy=policy)


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FunctionLoader(_read), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, auto_reload=False
    )
    environment.filters["breakable"] = breakable
    return environment


def _read(name: str) -> str:
    return (files(TEMPLATES) / name).read_text("utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
