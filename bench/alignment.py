"""How well recordings and their texts are laid on each other, against times made by hand.

    python bench/alignment.py                       TIMIT's speakers to tune on, and other languages
    python bench/alignment.py --speakers held       those held out; look at them seldom
    python bench/alignment.py --only timit --speakers dr2-marc0

The data is the evaluation data's timit/ and aligned/, the scores are its score_alignment.py's. Three ways are
scored: as phiz does it; without the acoustic model of English, as any other language is done; and, as a
yardstick, espeak-ng's own times stretched evenly over the speech. What ships holds no number trained on this
data; where two ways to do something were compared on it, it was on the speakers named `tune` alone.
Speed is by the processor time of one core, voice, features, models and all, compiled code being there.
"""

import json
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from phiz.speech import recording
from phiz.speech.audio import read_audio
from phiz.speech.speech import Phoneme
from phiz.speech.synthesis import say
from reporting import EVAL, on_one_core, parser_of, speakers_of, write_report
from stretching import time_phonemes

LANGUAGES = {"F": "ko", "M": "ko", "msajc": "en-gb", "AC": "fr", "BX": "fr", "sppas": "fr"}  # by file name
KOREAN = {"F04_03_028_manual": "영민은 들판에 있어", "M11_04_103_manual": "은우는 가담을 했어"}
SILENT = ("#", "+", "")  # labels of silence in SPPAS's files

Times = Sequence[Phoneme]
Way = Callable[[NDArray[np.float32], int, str, str], Times]


class Case(NamedTuple):
    """A recording, what is said in it, and the file of its times made by hand."""

    group: str
    sound: Path
    text: str
    language: str
    reference: Path


def timit(speakers: Sequence[str]) -> Iterator[Case]:
    lines = (EVAL / "timit" / "transcripts.tsv").read_text(encoding="utf-8").splitlines()
    for name, _, text in (line.split("\t") for line in lines):
        speaker = name.split("/")[0]
        if speaker in speakers:
            path = EVAL / "timit" / name
            yield Case("timit", path.with_suffix(".wav"), text, "en", path.with_suffix(".phn"))


def languages() -> Iterator[Case]:
    files = sorted([*(EVAL / "aligned").iterdir(), *(EVAL / "talkers").glob("*.xra")])
    for path in files:
        language = next((code for start, code in LANGUAGES.items() if path.name.startswith(start)), None)
        sound = path.with_name(re.sub("_manual|-palign", "", path.stem) + ".wav")
        if path.suffix in (".TextGrid", ".xra") and "_auto" not in path.name and language and sound.exists():
            yield Case(f"by language: {language}", sound, text_of(path), language, path)


def text_of(path: Path) -> str:
    """What is said in a recording, by its file of times."""
    if path.stem in KOREAN:
        return KOREAN[path.stem]
    if path.suffix == ".xra":
        words = [label for _, _, label in tier_of(path, "TokensAlign")]
        return re.sub("[_#+]", " ", " ".join(words)).replace("s' est", "s'est")
    tier = path.read_text(encoding="utf-8").split('name = "Text"')[1].split("item [")[0]
    return " ".join(word for word in re.findall(r'text = "([^"]*)"', tier) if word not in ("", "*"))


def tier_of(path: Path, name: str) -> list[tuple[float, float, str]]:
    """(start, end, label) of each interval in a tier of an .xra file."""
    tier = next(t for t in ElementTree.parse(path).getroot().iter("Tier") if t.get("tiername") == name)
    found = []
    for entry in tier.iter("Annotation"):
        edges = [entry.find(f".//{edge}") for edge in ("Begin", "End")]
        start, end = (float(edge.get("midpoint", "")) for edge in edges if edge is not None)
        found.append((start, end, entry.findtext(".//Tag") or ""))
    return found


def write_reference(case: Case, target: Path) -> None:
    """The times made by hand as a file that the scorer reads."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if case.reference.suffix != ".xra":
        target.write_bytes(case.reference.read_bytes())
        return
    lines = ['class = "IntervalTier"', 'name = "phones"']
    for start, end, label in tier_of(case.reference, "PhonAlign"):
        text = "" if label in SILENT else label
        lines.append(f'xmin = {start}\nxmax = {end}\ntext = "{text}"')
    target.write_text("\n".join(lines), encoding="utf-8")


def as_phiz_does(samples: NDArray[np.float32], rate: int, text: str, language: str) -> Times:
    return recording.aligned(samples, rate, text, language=language).phonemes


def without_acoustic_model(samples: NDArray[np.float32], rate: int, text: str, language: str) -> Times:
    return recording.aligned(samples, rate, text, language=language, recognizer="universal").phonemes


def stretched(samples: NDArray[np.float32], rate: int, text: str, language: str) -> Times:
    return time_phonemes(samples, rate, say(text, voice="espeak", language=language).phonemes)


WAYS: dict[str, Way] = {
    "phiz": as_phiz_does,
    "phiz without the acoustic model": without_acoustic_model,
    "espeak-ng stretched": stretched,
}


def measured(cases: Sequence[Case], way: Way) -> dict[str, Any]:
    """The scorer's figures of some cases, and how fast they were done."""
    sounds = [read_audio(case.sound) for case in cases]
    way(*sounds[0], cases[0].text, cases[0].language)  # compiles, loads models
    took = 0.0
    with TemporaryDirectory() as folder:
        made, true = Path(folder) / "made", Path(folder) / "true"
        for case, (samples, rate) in zip(cases, sounds, strict=True):
            begin = time.process_time()
            phonemes = way(samples, rate, case.text, case.language)
            took += time.process_time() - begin
            name = f"{case.reference.parent.name}/{case.reference.stem}"
            phones = [{"start": p.start, "end": p.end, "ipa": p.ipa} for p in phonemes]
            (made / name).parent.mkdir(parents=True, exist_ok=True)
            (made / f"{name}.json").write_text(json.dumps({"phones": phones}), encoding="utf-8")
            suffix = ".phn" if case.reference.suffix == ".phn" else ".TextGrid"
            write_reference(case, true / f"{name}{suffix}")
        command = [sys.executable, str(EVAL / "score_alignment.py"), str(made), str(true)]
        scores = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    heard = sum(len(samples) / rate for samples, rate in sounds)
    return {**scores, "seconds": round(heard, 1), "times_real_time": round(heard / took, 1)}


def shown(scores: dict[str, Any]) -> str:
    """One line of the table."""
    line = f"{scores['files']:3} files  x {scores['times_real_time']:5.1f}  f1 {scores['f1_20ms']:.3f}"
    line += f"  failures {scores['failures']}"
    if "boundaries" in scores:
        edges, closures = scores["boundaries"], scores["closures"]
        line += f"  within 10/20/50 ms {edges['within_10ms']} {edges['within_20ms']} {edges['within_50ms']} %"
        line += f"  median {edges['median_ms']} mean {edges['mean_ms']} ms"
        line += f"  classes {scores['classes']['all']} %"
        line += f"  closures {closures['recall']} / {closures['precision']} %"
    return line


def main() -> None:
    parser = parser_of("How well texts are aligned.", "alignment.json")
    parser.add_argument("--only", choices=("timit", "languages"), help="this alone")
    options = parser.parse_args()
    if not EVAL.is_dir():
        sys.exit(f"no evaluation data in {EVAL}; PHIZ_EVAL names its folder")
    speakers = speakers_of(options.speakers)
    sets = [*options.speakers] if options.only != "languages" else []
    print(f"TIMIT's speakers: {' '.join(sets)} ({', '.join(speakers)})" if sets else "other languages alone")
    cases = [*(timit(speakers) if sets else ()), *(languages() if options.only != "timit" else ())]
    groups = list(dict.fromkeys(case.group for case in cases))
    rows = []
    for group in groups:
        own = [case for case in cases if case.group == group]
        for name, way in WAYS.items():
            scores = measured(own, way)
            print(f"{group:18} {name:32} {shown(scores)}", flush=True)
            rows.append({"group": group, "way": name, **scores})
    write_report(options.json, {"speakers": speakers, "sets": sets, "rows": rows})


if __name__ == "__main__":
    on_one_core(main)
