"""What is said of a portrait: a good one gets no warning, each kind of poor one gets its own."""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest

from phiz.data import demo_portrait
from phiz.portrait.build import build_rig
from phiz.portrait.find import find_portrait
from phiz.portrait.portrait import Portrait
from phiz.portrait.report import Quality, quality
from phiz.portrait.rig import Rig


@cache
def demo() -> tuple[Portrait, Rig]:
    portrait = find_portrait(demo_portrait())
    return portrait, build_rig(portrait)


def judged(portrait: Portrait | None = None, **fit: float | str) -> Quality:
    """The demo portrait's quality, its picture or parts of its fit replaced."""
    original, rig = demo()
    changed: Mapping[str, float | str] = {**rig.fit, **fit}
    return quality(portrait or original, replace(rig, fit=changed))


def scaled(factor: float) -> Portrait:
    """The demo portrait's picture and landmarks at another size."""
    portrait, _ = demo()
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    pixels = cv2.resize(portrait.pixels, None, fx=factor, fy=factor, interpolation=way)
    return replace(portrait, pixels=pixels, landmarks=portrait.landmarks * factor)


def test_a_frontal_sharp_portrait_is_described() -> None:
    found = judged()
    assert found.face_px == pytest.approx(demo()[0].interpupillary, abs=0.1)
    assert abs(found.yaw) < 5
    assert found.smile > 0.5
    assert found.eyes == ("open", "open")
    assert found.occlusion == "none"
    assert found.lowered == ()
    assert "smiling" in found.line
    assert "frontal" in found.line
    assert "\n" not in found.line


@pytest.mark.parametrize("size", [1.0, 2.0])
def test_a_good_portrait_gets_no_warning(size: float) -> None:
    found = judged(scaled(size))
    assert found.warnings == ()
    assert "sharp" in found.line


@pytest.mark.parametrize(
    ("fit", "word"),
    [
        ({"yaw_deg": -31.0}, "31 degrees to the side"),
        ({"pitch_deg": 24.0}, "tipped 24 degrees"),
        ({"eye_left": "hidden"}, "glasses seem to hide"),
        ({"eye_right": "closed"}, "shut"),
        ({"mouth_gap_mm": 19.0}, "19 mm"),
    ],
)
def test_each_fault_has_its_own_warning(fit: dict[str, float | str], word: str) -> None:
    warnings = judged(scaled(2.0), **fit).warnings
    assert len(warnings) == 1
    assert word in warnings[0]
    assert "use a photo" in warnings[0]


def test_a_small_face_is_told_first() -> None:
    found = judged(scaled(0.5), yaw_deg=40.0)
    assert "small" in found.warnings[0]
    assert "40 degrees" in found.warnings[1]


def test_a_blurred_face_is_noticed_whatever_its_size_and_light() -> None:
    sharp, dim = judged().sharpness, judged(replace(demo()[0], pixels=demo()[0].pixels // 2)).sharpness
    assert dim == pytest.approx(sharp, rel=0.1)
    large = scaled(2.0)
    assert judged(large).sharpness == pytest.approx(sharp, rel=0.25)
    blurred = replace(large, pixels=cv2.GaussianBlur(large.pixels, (0, 0), 5.0))
    found = judged(blurred)
    assert found.sharpness < 0.6 * sharp
    assert any("blurred" in warning for warning in found.warnings)


def test_an_unsure_matte_is_told_and_what_it_costs() -> None:
    found = judged(replace(scaled(2.0), matte_confidence=0.3))
    assert "plain" in found.warnings[0]
    assert len(found.lowered) == 1


def test_the_bridge_of_glasses_is_seen() -> None:
    portrait = scaled(2.0)
    pixels = portrait.pixels.copy()
    x, y = portrait.landmarks[28].astype(int)
    pixels[y - 3 : y + 3, x - 25 : x + 25, :3] = 15
    assert judged(replace(portrait, pixels=pixels)).occlusion == "glasses"
    assert judged(portrait).occlusion == "none"
    assert judged(portrait, eye_left="hidden").occlusion == "dark glasses"


def test_a_report_is_json_and_ends_with_the_line() -> None:
    found = judged(eye_left="closed")
    again = json.loads(json.dumps(found.as_dict()))
    assert again["eyes"] == ["open", "closed"]
    assert again["line"] == found.line
    assert "left eye closed" in found.line
    assert len(again["warnings"]) == len(found.warnings) > 0


def test_numbers_of_a_report_are_finite() -> None:
    values = [value for value in judged().as_dict().values() if isinstance(value, float)]
    assert len(values) >= 7
    assert np.isfinite(values).all()
