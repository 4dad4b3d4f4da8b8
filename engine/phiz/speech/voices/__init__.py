"""Voices turn plain text into sound: the protocol that all of them follow, built in or of other packages.

    class MyVoice:
        does = {"rate": (0.5, 2.0)}  # optional, see `Voice`

        def say(self, request: Request) -> Sound:
            samples = my_synthesiser(request.text, request.language, speed=request.manner.rate)
            return Sound(samples, 24_000)

    voice = MyVoice()

Another package offers such an object, or a module with such a function, by an entry point in the group
`phiz.voices` (docs/voices.md). `phiz.speech.synthesis.say` picks the voice, does what the voice does not,
and times what comes back without times.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray

from phiz.speech.speech import Speech

__all__ = ["PLAIN", "Manner", "Request", "Sound", "Voice"]


@dataclass(frozen=True)
class Manner:
    """How something is said, as factors of how the voice says it by itself.

    rate: of its tempo; 2.0 takes half as long. pitch: of its fundamental frequency. volume: of its
    amplitude.
    """

    rate: float = 1.0
    pitch: float = 1.0
    volume: float = 1.0

    def times(self, other: "Manner") -> "Manner":
        """Both at once, one inside the other."""
        return Manner(self.rate * other.rate, self.pitch * other.pitch, self.volume * other.volume)


PLAIN = Manner()


@dataclass(frozen=True)
class Request:
    """What a voice is asked to say.

    text: plain, never blank. language: a code such as "en", "pt-br", "cmn", as the user wrote it.
    variant: what follows the voice's name and a colon ("f3" of "espeak:f3"), or "". manner: its factors are
    1.0 but for those that the voice `does`. sounds: (first, last, IPA) for text[first:last] that is to be
    said with these sounds; only for a voice that `takes_sounds`.
    """

    text: str
    language: str = "en"
    variant: str = ""
    manner: Manner = PLAIN
    sounds: tuple[tuple[int, int, str], ...] = ()


@dataclass(frozen=True, eq=False)
class Sound:
    """Speech without times: phiz lays the text on it.

    samples: float [n], mono, -1..1. rate: samples a second. language: where the voice speaks its own and not
    the one asked for.
    """

    samples: NDArray[Any]
    rate: int
    language: str = ""


class Voice(Protocol):
    """An object, or a module, that speaks.

    `say` returns `phiz.Speech` when the voice knows when each sound starts, its times exact to the samples,
    and `Sound` when it does not. It raises SpeechError or UsageError with one line that says what to do;
    what else it raises is reported as its fault. The same request should give the same samples.

    It may also have:
    does: mapping from "rate", "pitch" or "volume" to the lowest and highest factor that the voice does
    itself; phiz does the others, and what goes beyond, on the sound.
    takes_sounds: True when it obeys a request's `sounds`.
    languages(): mapping from the codes of its languages to their names, for `phiz voices`.
    variants(): the names that may follow a colon, likewise.
    """

    def say(self, request: Request, /) -> Speech | Sound: ...
