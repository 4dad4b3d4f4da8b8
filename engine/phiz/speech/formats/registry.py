"""Which timing files phiz reads and writes: one row for each kind."""

from dataclasses import dataclass
from pathlib import Path

from phiz.errors import UsageError

__all__ = ["FORMATS", "Format", "format_named", "format_to_write"]


@dataclass(frozen=True)
class Format:
    """One kind of timing file.

    extensions: lower case, with the dot; a file of that name is written in the first format that lists it.
    carries: which of "phonemes", "words", "sentences", "marks" and "mouths" it holds. resolution: seconds of
    its smallest step. reader: "module:function" in this folder, (Source) to Draft; "" for one only written.
    writer: likewise, (Speech, choices) to str; "" for one only read. choices: what the writer can be told.
    """

    name: str
    about: str
    extensions: tuple[str, ...]
    carries: tuple[str, ...]
    resolution: float
    reader: str = ""
    writer: str = ""
    choices: tuple[str, ...] = ()


_WORDS, _PHONES, _SENTENCES = ("words",), ("phonemes",), ("sentences",)
_BOTH = ("phonemes", "words")
_KARAOKE = ("words", "sentences")
_TIERS = ("phonemes", "words", "sentences")
_MOUTHS = ("mouths",)

_ALL = (
    Format("phiz", "phiz's own JSON (docs/timing.md)", (".json",), (*_TIERS, "marks"), 1e-6,
           "own:read", "own:write"),
    Format("textgrid", "Praat TextGrid, long", (".textgrid",), _TIERS, 1e-6,
           "textgrid:read", "textgrid:write_long"),
    Format("textgrid-short", "Praat TextGrid, short", (".textgrid",), _TIERS, 1e-6,
           "textgrid:read", "textgrid:write_short"),
    Format("ctm", "CTM of words", (".ctm",), _WORDS, 1e-6, "ctm:read", "ctm:write_words"),
    Format("ctm-phones", "CTM of phones", (".ctm",), _PHONES, 1e-6, "ctm:read_phones", "ctm:write_phones"),
    Format("audacity", "Audacity labels, words", (".txt",), _WORDS, 1e-6,
           "audacity:read", "audacity:write_words"),
    Format("audacity-phones", "Audacity labels, phones", (".txt",), _PHONES, 1e-6,
           "audacity:read_phones", "audacity:write_phones"),
    Format("audacity-sentences", "Audacity labels, sentences", (".txt",), _SENTENCES, 1e-6,
           "audacity:read_sentences", "audacity:write_sentences"),
    Format("srt", "SubRip subtitles, sentences", (".srt",), _SENTENCES, 1e-3,
           "subtitles:read_srt", "subtitles:write_srt"),
    Format("srt-words", "SubRip subtitles, words", (".srt",), _WORDS, 1e-3,
           "subtitles:read_srt", "subtitles:write_srt_words"),
    Format("srt-karaoke", "SubRip subtitles, sentences with the word underlined", (".srt",), _KARAOKE, 1e-3,
           "subtitles:read_srt", "subtitles:write_srt_karaoke"),
    Format("vtt", "WebVTT subtitles, sentences", (".vtt",), _SENTENCES, 1e-3,
           "subtitles:read_vtt", "subtitles:write_vtt"),
    Format("vtt-words", "WebVTT subtitles, words", (".vtt",), _WORDS, 1e-3,
           "subtitles:read_vtt", "subtitles:write_vtt_words"),
    Format("vtt-karaoke", "WebVTT subtitles, sentences with the time of each word", (".vtt",), _KARAOKE, 1e-3,
           "subtitles:read_vtt", "subtitles:write_vtt_karaoke"),
    Format("mfa", "JSON of the Montreal Forced Aligner", (".json",), _BOTH, 1e-6, "mfa:read", "mfa:write"),
    Format("gentle", "JSON of the aligner Gentle", (".json",), _BOTH, 1e-6, "gentle:read", "gentle:write"),
    Format("whisper", "JSON of Whisper, WhisperX and others", (".json",), _KARAOKE, 1e-3,
           "whisper:read", "whisper:write"),
    Format("azure", "viseme events of Azure's text to speech", (".json", ".jsonl"), _MOUTHS, 1e-7,
           "azure:read", "azure:write"),
    Format("polly", "speech marks of Amazon Polly", (".marks", ".jsonl", ".json"),
           (*_KARAOKE, "marks", "mouths"), 1e-3, "polly:read", "polly:write"),
    Format("elevenlabs", "alignment of ElevenLabs", (".json",), _WORDS, 1e-6,
           "elevenlabs:read", "elevenlabs:write"),
    Format("neural", "phonemes and lengths of Piper and Kokoro", (".json", ".jsonl"), _BOTH, 1e-3,
           "neural:read"),
    Format("mbrola", "sounds for MBROLA", (".pho",), _PHONES, 1e-3, "mbrola:read", "mbrola:write"),
    Format("rhubarb-tsv", "mouth cues of Rhubarb Lip Sync, TSV", (".tsv",), _MOUTHS, 1e-2,
           "rhubarb:read_tsv", "rhubarb:write_tsv", ("mouths",)),
    Format("rhubarb-xml", "mouth cues of Rhubarb Lip Sync, XML", (".xml",), _MOUTHS, 1e-2,
           "rhubarb:read_xml", "rhubarb:write_xml", ("mouths", "sound_file")),
    Format("rhubarb-json", "mouth cues of Rhubarb Lip Sync, JSON", (".json",), _MOUTHS, 1e-2,
           "rhubarb:read_json", "rhubarb:write_json", ("mouths", "sound_file")),
    Format("moho", "switch data for Moho and OpenToonz", (".dat",), _MOUTHS, 1 / 24,
           "rhubarb:read_dat", "rhubarb:write_dat", ("mouths", "frame_rate", "preston_blair")),
)  # fmt: skip

FORMATS = {each.name: each for each in _ALL}


def format_named(name: str) -> Format:
    """Raises UsageError for a name that is not in `FORMATS`."""
    if name not in FORMATS:
        raise UsageError(f"timing format {name!r} is unknown; there is {', '.join(FORMATS)}")
    return FORMATS[name]


def format_to_write(path: str | Path, name: str | None = None) -> Format:
    """The format of that name or, for None, the one that a file of this name is written in.

    Raises UsageError, before any work, for an unknown name or extension, or a format that is only read.
    """
    if name is not None:
        chosen = format_named(name)
        if not chosen.writer:
            writable = ", ".join(each.name for each in _ALL if each.writer)
            raise UsageError(f"timing format {name!r} is only read; phiz writes {writable}")
        return chosen
    suffix = Path(path).suffix.lower()
    for each in _ALL:
        if suffix in each.extensions and each.writer:
            return each
    known = dict.fromkeys(suffix for each in _ALL if each.writer for suffix in each.extensions)
    raise UsageError(f"timing file {path}: its ending {suffix!r} is none of {' '.join(known)}")
