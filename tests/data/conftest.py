"""The fixture `data`: a folder for files, and steps on them."""

from pathlib import Path

import pytest
from data_steps import Data


@pytest.fixture
def data(tmp_path: Path) -> Data:
    return Data(tmp_path)
