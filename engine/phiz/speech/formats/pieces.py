"""What several writers need of a speech."""

from phiz.speech.speech import Phoneme, Speech

__all__ = ["ipa_with_stress", "sentence_texts"]

STRESS = ("", "ˈ", "ˌ")  # by `Phoneme.stress`


def sentence_texts(speech: Speech) -> list[tuple[float, float, str]]:
    """(start, end, text) of each sentence or phrase: the words whose middle is in it."""
    result = []
    for start, end in speech.sentences:
        inside = [word.text for word in speech.words if start <= (word.start + word.end) / 2 <= end]
        result.append((start, end, " ".join(inside)))
    return result


def ipa_with_stress(phoneme: Phoneme) -> str:
    """The phoneme with its mark of stress before it."""
    return STRESS[phoneme.stress] + phoneme.ipa
