"""The JSON of the Montreal Forced Aligner (and of praatio): tiers by name."""

import json
from typing import Any

from phiz.speech.formats.draft import Draft, Source
from phiz.speech.formats.json_values import parsed
from phiz.speech.formats.pieces import ipa_with_stress
from phiz.speech.formats.textgrid import draft_of_tiers
from phiz.speech.speech import Speech

__all__ = ["read", "write"]

ENTRY = "[START, END, LABEL]"


def read(source: Source) -> Draft:
    """{"start": 0, "end": 2.5, "tiers": {"words": {"type": "interval", "entries": [[0.1, 0.4, "a"]]}}}."""
    data = parsed(source)
    tiers = data.get("tiers") if isinstance(data, dict) else None
    if not isinstance(tiers, dict):
        raise source.bad("the file", data, "an object with 'tiers' by name")
    found: list[tuple[str, Any]] = []
    for name, tier in tiers.items():
        entries = tier.get("entries") if isinstance(tier, dict) else tier
        if not isinstance(entries, list):
            raise source.bad(f"tier {name}", entries, f"a list of entries {ENTRY}")
        for index, entry in enumerate(entries):
            if not isinstance(entry, list) or len(entry) not in (2, 3):
                raise source.bad(f"tier {name}, entry {index + 1}", entry, ENTRY)
        intervals = [entry for entry in entries if len(entry) == 3]
        found.append((name, intervals))
    end = data.get("end")
    duration = None if end is None else source.number(end, "end", "a time in seconds")
    return draft_of_tiers(found, duration, source)


def write(speech: Speech) -> str:
    tiers = {
        "words": [[round(w.start, 6), round(w.end, 6), w.text] for w in speech.words],
        "phones": [[round(p.start, 6), round(p.end, 6), ipa_with_stress(p)] for p in speech.phonemes],
    }
    data = {
        "start": 0,
        "end": round(speech.duration, 6),
        "tiers": {name: {"type": "interval", "entries": entries} for name, entries in tiers.items()},
    }
    return json.dumps(data, ensure_ascii=False, indent=4) + "\n"
