"""`read_score`: a score from a file, whichever kind it is."""

from pathlib import Path

from phiz.errors import UsageError
from phiz.speech.singing.midi import read_midi
from phiz.speech.singing.musicxml import LARGEST, read_musicxml, unzipped
from phiz.speech.singing.score import Score

__all__ = ["read_score"]


def read_score(
    path: str | Path, *, track: int | None = None, channel: int | None = None, verse: int | None = None
) -> Score:
    """The melody in a MIDI file or in MusicXML (.musicxml, .xml, .mxl), told by what is inside.

    track: the track or part, counted from 1. channel: of MIDI, 1 to 16. verse: of MusicXML.
    Raises UsageError for what is none or has no notes.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"cannot read the score {path}: {error.strerror or error}") from error
    if len(data) > LARGEST:
        raise UsageError(f"the score {path} is larger than {LARGEST:,} bytes: cut it into parts")
    if data[:4] in (b"MThd", b"RIFF"):
        if verse is not None:
            raise UsageError(f"{path.name} is a MIDI file, which has no verses: --verse goes with MusicXML")
        return read_midi(data, path.name, track=track, channel=channel)
    zipped = data[:4] == b"PK\x03\x04"
    if not zipped and data.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")[:1] != b"<":
        raise UsageError(f"{path.name} is no score: give MIDI (.mid) or MusicXML (.musicxml, .xml, .mxl)")
    if channel is not None:
        raise UsageError(f"{path.name} is MusicXML, which has no channels: --track takes a part")
    data = unzipped(data, path.name) if zipped else data
    return read_musicxml(data, path.name, part=track, verse=verse or 1)
