"""What a text sounds like, for comparing a recording with: a synthesiser's speech with exact times."""

from phiz.speech.speech import Speech
from phiz.speech.synthesis import say

__all__ = ["speak_reference"]

VARIANT = "klatt4"  # of espeak-ng's voices: plain formants, no breath


def speak_reference(text: str, language: str) -> Speech:
    """`text` as espeak-ng says it, for `align`. Raises SpeechError and UsageError as `phiz.speak`."""
    return say(text, voice=f"espeak:{VARIANT}", language=language)
