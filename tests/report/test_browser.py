"""The report in a real browser: no errors, nothing asked of the network, usable on a telephone and with the keyboard alone."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import made_language_runs
import made_runs
import pytest
from browser import ENTER, TAB, Browser, browser, installed

from benchc.runtime.report.report import write_report

REQUIRED = os.environ.get("BENCHC_TEST_BROWSER") == "required"  # continuous integration must not skip these for want of a browser

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not installed() and not REQUIRED, reason="Chromium and chromedriver are not on this machine"),
]

RUNS = (
    made_runs.classification_run,
    made_runs.regression_run,
    made_runs.failed_run,
    made_runs.chinese_run,
    made_runs.hostile_run,
    made_language_runs.language_run,
    made_language_runs.hostile_language_run,
)

CONTRAST = """
const luminance = (rgb) => {
  const [r, g, b] = rgb.map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const parse = (text) => {
  const found = text.match(/[\\d.]+/g).map(Number);
  return found.length > 3 && found[3] === 0 ? null : found.slice(0, 3);
};
const ground = (element) => {
  for (let at = element; at; at = at.parentElement) { const found = parse(getComputedStyle(at).backgroundColor); if (found) return found; }
  return [255, 255, 255];
};
const low = new Set();
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  if (!walker.currentNode.textContent.trim() || !element.checkVisibility() || element.closest("script, style, title")) continue;
  const style = getComputedStyle(element);
  const text = parse(element.closest("svg") ? style.fill : style.color);
  const [a, b] = [luminance(text), luminance(ground(element))].sort((x, y) => y - x);
  const ratio = (a + 0.05) / (b + 0.05);
  const name = element.tagName + "." + element.getAttribute("class");
  if (ratio < 4.5) low.add(name + " " + ratio.toFixed(2) + " " + element.textContent.slice(0, 30));
}
return [...low];
"""


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("profile")) as started:
        yield started


def show(chromium: Browser, make: Callable[[Path], Path], folder: Path, width: int = 1280) -> None:
    chromium.resize(width, 900)
    chromium.log("browser")
    chromium.requests()
    chromium.open(write_report(make(folder / "run")))
    chromium.run("localStorage.clear()")


@pytest.mark.parametrize("make", RUNS, ids=lambda make: make.__name__)
def test_no_console_message_no_request_no_sideways_scrolling(make: Callable[[Path], Path], chromium: Browser, tmp_path: Path) -> None:
    show(chromium, make, tmp_path, width=390)
    assert chromium.log("browser") == []
    assert [url for url in chromium.requests() if not url.endswith("/run/report.html")] == []
    chromium.run("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert chromium.run("return document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("make", RUNS, ids=lambda make: make.__name__)
def test_all_text_has_contrast(make: Callable[[Path], Path], scheme: str, chromium: Browser, tmp_path: Path) -> None:
    chromium.prefer(scheme)
    show(chromium, make, tmp_path)
    chromium.run("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert chromium.run(CONTRAST) == []


def test_scripts_in_data_do_not_run(chromium: Browser, tmp_path: Path) -> None:
    show(chromium, made_runs.hostile_run, tmp_path)
    assert chromium.run("return document.title").startswith("<script>")
    assert chromium.run("return document.scripts.length") == 1
    assert chromium.run("return document.images.length") == 0


def test_scripts_in_prompts_and_answers_do_not_run(chromium: Browser, tmp_path: Path) -> None:
    show(chromium, made_language_runs.hostile_language_run, tmp_path)
    assert chromium.run("return document.title") == "language: benchmark report"
    assert chromium.run("return document.scripts.length") == 1
    assert chromium.run("return document.images.length") == 0


def test_a_prompt_that_is_copied_is_the_prompt(chromium: Browser, tmp_path: Path) -> None:
    """The marks of white space are drawn by the style sheet and are not part of the text."""
    show(chromium, made_language_runs.language_run, tmp_path)
    copied = chromium.run("return [...document.querySelectorAll('#prompts pre')].map(one => one.textContent)")
    assert made_language_runs.CHAT.format(words="a question") in copied


def test_the_mark_of_an_answer_can_be_seen(chromium: Browser, tmp_path: Path) -> None:
    show(chromium, made_language_runs.language_run, tmp_path)
    assert chromium.run("return [...document.querySelectorAll('#examples mark')].map(one => one.textContent)") == ["1,200"] * 3
    ground = "return getComputedStyle(document.querySelector('#examples mark')).backgroundColor"
    assert chromium.run(ground) != chromium.run("return getComputedStyle(document.body).backgroundColor")


FIRST_COLUMN = "return [...document.querySelectorAll('#results table')[0].tBodies[0].rows].map(row => row.cells[0].textContent)"


def test_tables_are_sorted_with_the_keyboard(chromium: Browser, tmp_path: Path) -> None:
    show(chromium, made_runs.classification_run, tmp_path)
    chromium.run("document.querySelectorAll('#results thead th')[3].querySelector('button').focus()")
    assert chromium.run(FIRST_COLUMN) == ["minilm", "linear", "floor"]
    chromium.press(ENTER, ENTER)
    assert chromium.run(FIRST_COLUMN) == ["floor", "linear", "minilm"]
    assert chromium.run("return document.querySelectorAll('#results thead th')[3].getAttribute('aria-sort')") == "ascending"
    chromium.run("document.querySelectorAll('#results thead th')[0].querySelector('button').focus()")
    chromium.press(ENTER)
    assert chromium.run(FIRST_COLUMN) == ["floor", "linear", "minilm"]
    assert chromium.run("return document.querySelectorAll('#results thead [aria-sort]').length") == 1


def test_the_first_tab_stop_skips_to_the_summary(chromium: Browser, tmp_path: Path) -> None:
    show(chromium, made_runs.classification_run, tmp_path)
    chromium.press(TAB)
    assert chromium.run("return document.activeElement.className") == "skip"
    assert chromium.run("return document.activeElement.getBoundingClientRect().left") >= 0
    assert chromium.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid"
    chromium.press(ENTER)
    assert chromium.run("return location.hash") == "#summary"


def test_the_theme_can_be_chosen_and_stays(chromium: Browser, tmp_path: Path) -> None:
    chromium.prefer("light")
    show(chromium, made_runs.classification_run, tmp_path)
    ground = "return getComputedStyle(document.body).backgroundColor"
    light = chromium.run(ground)
    chromium.run("document.getElementById('theme').focus()")
    chromium.press(ENTER, ENTER)
    assert chromium.run("return document.documentElement.dataset.theme") == "dark"
    dark = chromium.run(ground)
    assert dark != light
    chromium.run("location.reload()")
    assert chromium.run(ground) == dark
    chromium.prefer("dark")
    chromium.run("localStorage.clear(); location.reload()")
    assert chromium.run(ground) == dark


def test_everything_is_open_on_paper(chromium: Browser, tmp_path: Path) -> None:
    show(chromium, made_runs.classification_run, tmp_path)
    closed = "return document.querySelectorAll('details:not([open])').length"
    before = chromium.run(closed)
    assert before > 0
    chromium.run(f"addEventListener('beforeprint', () => {{ window.openOnPaper = (() => {{ {closed} }})() }})")
    chromium.print_pdf(tmp_path / "report.pdf")
    assert chromium.run("return window.openOnPaper") == 0
    assert chromium.run(closed) == before
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


def test_a_link_opens_what_hides_its_target(chromium: Browser, tmp_path: Path) -> None:
    show(chromium, made_runs.classification_run, tmp_path)
    chromium.run("location.hash = '#spec-2-3'")
    assert chromium.run("return document.getElementById('spec-2-3').checkVisibility()")


@pytest.mark.parametrize("make", [made_runs.classification_run, made_language_runs.language_run], ids=lambda make: make.__name__)
def test_without_a_mouse_all_that_scrolls_can_be_scrolled(make: Callable[[Path], Path], chromium: Browser, tmp_path: Path) -> None:
    show(chromium, make, tmp_path, width=390)
    stuck = """
      const scrolls = (one) => one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1;
      return [...document.querySelectorAll('.scroll, .raw')].filter(one => scrolls(one) && one.tabIndex !== 0).length"""
    assert chromium.run(stuck) == 0
