"""Every text colour can be read on every ground that it stands on, in both themes."""

import pytest

from benchc.runtime.report.palette import PALETTE, TEXT_ON, contrast, css_variables

COLOURS = {colour.name: colour for colour in PALETTE}


def test_contrast_of_black_on_white_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)  # the value that WCAG's own examples give


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON)
def test_text_has_contrast(text: str, ground: str, theme: str) -> None:
    assert contrast(getattr(COLOURS[text], theme), getattr(COLOURS[ground], theme)) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("mark", ["accent", "warn", "quiet-dot", "strong-rule", "muted"])
@pytest.mark.parametrize("ground", ["page", "panel"])
def test_marks_of_plots_have_contrast(mark: str, ground: str, theme: str) -> None:
    assert contrast(getattr(COLOURS[mark], theme), getattr(COLOURS[ground], theme)) >= 3


def test_paper_is_light() -> None:
    assert css_variables().count("@media screen") == 2
