"""Contact sheets: every picture where it belongs, under its label."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from phiz.errors import UsageError
from phiz.output.sheet import GAP, LABEL_HEIGHT, contact_sheet, write_picture


def test_pictures_lie_in_rows_with_labels_above() -> None:
    colours = [(200, 0, 0, 255), (0, 200, 0, 255), (0, 0, 200, 255)]
    cells = [(f"number {k}", np.full((20, 30, 4), colour, np.uint8)) for k, colour in enumerate(colours)]
    sheet = contact_sheet(cells, columns=2)
    for index, colour in enumerate(colours):
        left = GAP + index % 2 * (30 + GAP)
        top = GAP + index // 2 * (20 + LABEL_HEIGHT + GAP) + LABEL_HEIGHT
        assert (sheet[top : top + 20, left : left + 30] == colour[:3]).all()
        label = sheet[top - LABEL_HEIGHT : top, left : left + 30]
        assert label.max() > 150
    assert sheet.shape == (2 * (20 + LABEL_HEIGHT + GAP) + GAP, 2 * (30 + GAP) + GAP, 3)


def test_a_picture_keeps_what_exists(tmp_path: Path) -> None:
    picture = np.full((4, 4, 3), 7, np.uint8)
    write_picture(picture, tmp_path / "a.png")
    with pytest.raises(UsageError, match="--force"):
        write_picture(picture, tmp_path / "a.png")
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "a.png")), picture)
