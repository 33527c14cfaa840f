"""Every case of the Markdown files in this folder."""

from pathlib import Path

import pytest
from literate import Case, cases, differences

FOLDER = Path(__file__).parent
ALL = [
    pytest.param(case, id=f"{path.stem}: {case.name}")
    for path in sorted(FOLDER.glob("*.md"))
    if path.name != "README.md"
    for case in cases(path.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("case", ALL)
def test_check_says_what_the_case_expects(case: Case) -> None:
    assert differences(case) == []
