"""Fixtures that every area shares."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture
def shared_data() -> Path:
    """The folder of the real data sets beside the checkout; the test is skipped where there is none."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the real data sets are not beside this checkout")
    return SHARED / "data"


@pytest.fixture
def shared_examples() -> Path:
    """The folder of the normative example specs beside the checkout."""
    if not (SHARED / "examples").is_dir():
        pytest.skip("the example specs are not beside this checkout")
    return SHARED / "examples"
