"""How far mouths open, spread and round for each viseme, by which weights, and when, fitted on real talkers.

    PHIZ_EVAL=EVAL TRACKER_PYTHON bench/lip_tracks.py FOLDER EVAL/talkers/*.mp[4g]
    PHIZ_EVAL=EVAL PHIZ_TRACKS=FOLDER python bench/calibration.py

prints how well phonemes/visemes.csv follows them, and what a fit of its openings and widths would change.
EVAL is the folder of the evaluation data. The result is in calibration.json.

Each talker's phonemes are laid on the time line (by alignment, or as they come with the video), phiz moves
the rig of the first frame, and the opening between its inner lips and the width between their corners,
measured on its vertices, are compared with what the tracker saw. One weight of each for each viseme (the
jaw, or the lips for sounds that need their teeth together; pucker for rounded sounds, else the smile) then
goes where the squared difference is smallest, held back towards the table (ridge regression). Slow drift
over two seconds is removed from both; where the picture leads the sound, it is moved by what it leads. The
time by which the made opening then follows the real one best, its lag, says whether the mouth is early.

What opening and width do not tell, which weight does how much of it, is fitted on five more measures
(lip_measures.py says which, lip_shares.py how): "shares" in the result, with their errors.

The fits see TRAINED only; those left out were looked at while timing and limits were chosen. The table
takes what the fit says for all talkers alike: w, r and rounded vowels purse the lips until hardly a gap is
left, s z t d n leave the lips apart, close vowels open further than their jaw, and people part their lips a
quarter of a second before they speak. It is rounded, and keeps the order of the vowels' heights where so
few talkers differ.
"""

import json
import os
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from phiz.channels import INDEX
from phiz.motion import lips
from phiz.motion.clip import Clip
from phiz.motion.viseme_table import Viseme, visemes
from phiz.portrait.rig import Rig
from phiz.speech.audio import read_audio
from phiz.speech.recording import speech_from_recording
from phiz.speech.speech import Phoneme, Speech
from phiz.speech.words import phrases

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "bench")]

from lip_measures import KINDS, on_rig, seen, slopes  # noqa: E402
from lip_shares import CHANNELS, Talk, correlations, fit_shares, shared  # noqa: E402
from talkers import EVAL, words_of  # noqa: E402

Array = NDArray[np.float64]
Table = Mapping[str, Viseme]

TRACKS = Path(os.environ.get("PHIZ_TRACKS", "tracks"))
RESULTS = ROOT / "bench" / "calibration.json"
TRAINED = (
    "KristiNoem", "sppas_demo_fr", "vidtimit_fadg0_sa1", "grid_multi_bbaf2n", "grid_multi_lrwp9a",
    "grid_multi_sbwe5n", "grid_multi_swiz3n",
)  # fmt: skip
LEFT_OUT = ("Obama_clip1", "grid_multi_lbbc2a", "grid_s1_srih3a")
LEADS = {"KristiNoem": 0.12, "Obama_clip1": 0.15}  # seconds that the picture is ahead of the sound
RATE, DRIFT = 50, 2.0  # samples a second; seconds
FITTED = ("opening", "width")
# deviation that every talker's is brought to, in distances of the eyes' outer corners
SPREAD = {"opening": 0.05, "width": 0.03}
LATEST = 8  # samples either way among which the lag is looked for
FIXED = ("rest", "p", "f", "ph")  # they are what they must be
BY_LIPS = ("s", "sh", "sy", "si", "th")
RIDGE, USUAL_CHANGE, ROUNDS = 0.05, 0.12, 2
LARGEST, STEP = 1.0, 0.1  # weight; one that tells what more of it does
SAMPA = {
    "E": "ɛ", "O": "ɔ", "a~": "ɑ̃", "A~": "ɑ̃", "O~": "ɔ̃", "E~": "ɛ̃", "U~/": "ɛ̃", "9~": "œ̃", "2": "ø",
    "9": "œ", "@": "ə", "S": "ʃ", "Z": "ʒ", "R": "ʁ", "J": "ɲ", "H": "ɥ", "A/": "a", "O/": "o", "E/": "e",
    "N": "ŋ", "g": "ɡ", "r": "ʁ", "A": "a", "sp": "", "#": "", "+": "",
}  # fmt: skip
ARPABET = {
    "AA": "ɑ", "AE": "æ", "AH": "ʌ", "AO": "ɔ", "AW": "aʊ", "AY": "aɪ", "B": "b", "CH": "tʃ", "D": "d",
    "DH": "ð", "EH": "ɛ", "ER": "ɚ", "EY": "eɪ", "F": "f", "G": "ɡ", "HH": "h", "IH": "ɪ", "IY": "i",
    "JH": "dʒ", "K": "k", "L": "l", "M": "m", "N": "n", "NG": "ŋ", "OW": "oʊ", "OY": "ɔɪ", "P": "p",
    "R": "ɹ", "S": "s", "SH": "ʃ", "T": "t", "TH": "θ", "UH": "ʊ", "UW": "u", "V": "v", "W": "w", "Y": "j",
    "Z": "z", "ZH": "ʒ",
}  # fmt: skip


def main() -> None:
    table = visemes()
    fitted: Table = table
    for _ in range(ROUNDS):
        for kind in FITTED:
            fitted = fit(fitted, kind)
    own = {name: dict(viseme.weights) for name, viseme in table.items()}
    talks = {name: talk(name, table) for name in (*TRAINED, *LEFT_OUT)}
    shares = fit_shares([talks[name] for name in TRAINED], table)
    heard = {"trained on": TRAINED, "left out": LEFT_OUT}
    result = {
        "trained on": TRAINED, "left out": LEFT_OUT,
        "table": {name: scores(name, table) for name in (*TRAINED, *LEFT_OUT)},
        "fit": {name: scores(name, fitted) for name in (*TRAINED, *LEFT_OUT)},
        "weights": {
            name: {"table": weights_of(table[name]), "fit": weights_of(fitted[name])} for name in table
        },
        "shares": shares,
        "correlations": {
            which: {
                label: correlations([talks[name] for name in names], weights, table)
                for label, names in heard.items()
            }
            for which, weights in (("table", own), ("shares", shared(shares, table)))
        },
    }  # fmt: skip
    for which in ("table", "fit"):
        for label, names in heard.items():
            middle = {
                key: float(np.median([result[which][name][key] for name in names]))
                for key in result[which][names[0]]
            }
            print(f"{which}, {label}: {', '.join(f'{key} {value:.3g}' for key, value in middle.items())}")
    for name, found in shares.items():
        print(f"{name}: {found['value']:.2f} +- {found['error']:.2f}")
    for which, groups in result["correlations"].items():
        for label, kinds in groups.items():
            print(f"{which}, {label}: {', '.join(f'{kind} {r:.2f}' for kind, r in kinds.items())}")
    RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


@cache
def talker(name: str) -> tuple[Speech, Rig, Mapping[str, Array]]:
    """What is said, the rig of the first frame, and what the tracker saw."""
    video = next(path for path in (EVAL / "talkers").glob(f"{name}.mp[4g]"))
    sound = video.with_suffix(".wav") if video.with_suffix(".wav").exists() else video
    picture = TRACKS / f"{name}.png"
    if not picture.exists():
        import cv2

        cv2.imwrite(str(picture), cv2.VideoCapture(str(video)).read()[1])
    words = words_of(name)
    speech = speech_from_recording(sound, words) if words else labelled(name, sound)
    tracked = np.load(TRACKS / f"{name}.npz")
    return speech, Rig.from_photo(picture), {**seen(tracked["points"]), "fps": tracked["fps"]}


def labelled(name: str, sound: Path) -> Speech:
    """Speech whose phonemes come with the video."""
    folder, timed = EVAL / "talkers", []
    if (frames := folder / f"{name}_phones30fps.json").exists():
        numbers = {v: k for k, v in json.loads((folder / "styletalk_phindex.json").read_text()).items()}
        labels = [ARPABET.get(numbers[number], "") for number in json.loads(frames.read_text())]
        edges = [0, *(k for k in range(1, len(labels)) if labels[k] != labels[k - 1]), len(labels)]
        timed = [(labels[a], a / 30, b / 30) for a, b in pairwise(edges)]
    else:
        tiers = ElementTree.parse(folder / f"{name}-palign.xra").getroot().iter("Tier")
        for one in next(tier for tier in tiers if tier.get("tiername") == "PhonAlign").iter("Annotation"):
            label = one.findtext(".//Tag") or ""
            ends = [float(one.find(f".//{end}").get("midpoint")) for end in ("Begin", "End")]
            timed.append((SAMPA.get(label, label), *ends))
    phonemes = tuple(Phoneme(ipa, start, end) for ipa, start, end in timed if ipa)
    samples, rate = read_audio(sound)
    return Speech(samples, rate, phonemes, sentences=phrases(phonemes), timing="aligned")


def values(name: str, table: Table) -> tuple[Array, Array]:
    """Times, and the values of the clip's channels at them, [samples, channels]."""
    speech, _, tracked = talker(name)
    times = np.arange(0, min(len(tracked["opening"]) / float(tracked["fps"]), speech.duration), 1 / RATE)
    usual, lips.visemes = lips.visemes, lambda: table
    try:
        clip = Clip(speech.duration, {"photo": lips.photo_curve(speech), **lips.lip_curves(speech)})
    finally:
        lips.visemes = usual
    return times, clip.evaluate_many(times)


def made(name: str, table: Table) -> tuple[Array, Array, Array]:
    """Times, and the opening and width that phiz makes at them, in distances of the eyes' outer corners."""
    times, poses = values(name, table)
    found = on_rig(talker(name)[1], poses)
    return times, found["opening"], found["width"]


def talk(name: str, table: Table) -> Talk:
    """What is fitted of a talker by lip_shares.py."""
    rig = talker(name)[1]
    times, poses = values(name, table)
    found = on_rig(rig, poses)
    tracked = {kind: real(name, kind, times) for kind in KINDS}
    scale = SPREAD["opening"] / tracked["opening"].std()
    sides = [(one,) if one in INDEX else (f"{one}Left", f"{one}Right") for one in CHANNELS]
    slope = slopes(rig, poses.mean(axis=0), sides)
    effects = {}
    for viseme in table.values():
        more = replace(viseme, weights={one: weight + STEP for one, weight in viseme.weights.items()})
        _, moved_poses = values(name, {**table, viseme.name: more})
        for row, (channel, names) in enumerate(zip(CHANNELS, sides, strict=True)):
            change = steady((moved_poses - poses)[:, INDEX[names[0]]] / STEP)
            if change.any():
                effects[viseme.name, channel] = change[:, None] * slope[row]
    return Talk(
        {kind: scale * series for kind, series in tracked.items()},
        {kind: steady(found[kind]) for kind in KINDS},
        effects,
    )


def real(name: str, kind: str, times: Array) -> Array:
    """What the tracker saw, at the times of the sound."""
    tracked = talker(name)[2]
    series, known = tracked[kind], np.flatnonzero(~np.isnan(tracked[kind]))
    return steady(np.interp(times - LEADS.get(name, 0.0), known / float(tracked["fps"]), series[known]))


def steady(series: Array) -> Array:
    """Without what changes more slowly than `DRIFT` seconds."""
    half = int(DRIFT * RATE / 2)
    return series - np.convolve(
        np.pad(series, half, mode="edge"), np.ones(2 * half + 1) / (2 * half + 1), "valid"
    )


def scores(name: str, table: Table) -> dict[str, float]:
    """Correlation and ratio of spreads of opening and width, and the opening's lag in milliseconds."""
    times, *series = made(name, table)
    result: dict[str, float] = {}
    for kind, own in zip(FITTED, series, strict=True):
        tracked = real(name, kind, times)
        result[kind] = round(float(np.corrcoef(tracked, steady(own))[0, 1]), 3)
        result[f"{kind} spread"] = round(float(steady(own).std() / tracked.std()), 2)
    return {**result, "lag": lag(real(name, "opening", times), steady(series[0]))}


def lag(tracked: Array, own: Array) -> float:
    """Milliseconds by which `own` is late where it follows `tracked` best."""
    inner = slice(LATEST, len(tracked) - LATEST)
    fits = [np.corrcoef(tracked[inner], np.roll(own, -k)[inner])[0, 1] for k in range(-LATEST, LATEST + 1)]
    return 1000.0 * (int(np.argmax(fits)) - LATEST) / RATE


def fit(table: Table, kind: str) -> Table:
    """The table with one weight a viseme moved to where it fits best."""
    free = [name for name in table if name not in FIXED]
    effects, misses = [], []
    for name in TRAINED:
        times, *series = made(name, table)
        own = series[FITTED.index(kind)]
        changes = [
            made(name, {**table, one: moved(table[one], STEP, kind)})[1 + FITTED.index(kind)] - own
            for one in free
        ]
        share = 1 / (SPREAD[kind] * np.sqrt(min(len(times), 400)))
        tracked = real(name, kind, times)
        effects.append(share * np.stack([steady(change) / STEP for change in changes], axis=1))
        misses.append(share * (tracked / tracked.std() * SPREAD[kind] - steady(own)))
    matrix = np.concatenate(effects) * USUAL_CHANGE
    normal = matrix.T @ matrix + RIDGE * np.eye(len(free))
    steps = USUAL_CHANGE * np.linalg.solve(normal, matrix.T @ np.concatenate(misses))
    return {**table, **{name: moved(table[name], step, kind) for name, step in zip(free, steps, strict=True)}}


def moved(viseme: Viseme, step: float, kind: str) -> Viseme:
    """The viseme opened, or widened, by `step`."""
    changed = {
        channel: float(np.clip(viseme.weights[channel] + share * step, 0, LARGEST))
        for channel, share in knobs_of(viseme, kind).items()
    }
    return replace(viseme, weights={**viseme.weights, **changed})


def knobs_of(viseme: Viseme, kind: str) -> Mapping[str, float]:
    """The weights that open or widen the viseme's mouth, and their shares."""
    if kind == "width":
        return {"mouthPucker": -1.0} if visemes()[viseme.name].weights["mouthPucker"] else {"mouthSmile": 1.0}
    return {"mouthUpperUp": 0.35, "mouthLowerDown": 0.65} if viseme.name in BY_LIPS else {"jawOpen": 1.0}


def weights_of(viseme: Viseme) -> Mapping[str, float]:
    """The weights that are fitted."""
    return {
        channel: round(viseme.weights[channel], 3) for kind in FITTED for channel in knobs_of(viseme, kind)
    }


if __name__ == "__main__":
    main()
