"""The English vocabulary: its table of word triples, its tree, and words found in sound."""

import numpy as np
import pytest

from evaldata import eval_file
from phiz.speech.audio import read_audio
from phiz.speech.recognition.acoustic import EnglishModel, english_model
from phiz.speech.recognition.cepstra import features, resampled
from phiz.speech.recognition.lexicon import FILLER, FIRST, INNER, LAST, ONLY, Tree, contexts_of, tree_of
from phiz.speech.recognition.model import END, SILENCE
from phiz.speech.recognition.pairs import english_pairs, world_pairs
from phiz.speech.recognition.trigrams import NO_WORD, log_chance, read_trigrams
from phiz.speech.recognition.vocabulary import english_vocabulary
from phiz.speech.synthesis import say


@pytest.fixture(scope="module")
def model() -> EnglishModel:
    found = english_model()
    assert found is not None, "pocketsphinx is installed with phiz"
    return found


def test_chances_are_those_that_pocketsphinx_reads() -> None:
    import pocketsphinx

    path = pocketsphinx.get_model_path("en-us/en-us.lm.bin")
    table, words = read_trigrams(path)
    theirs, natural = pocketsphinx.NGramModel.readfile(path), pocketsphinx.LogMath().log_to_ln
    rows = [("the", "of"), ("york", "new"), ("city", "york", "new"), ("of", "one", "is"), ("the",) * 3]
    picked = np.random.default_rng(1).choice(len(words), (60, 3))
    rows += [tuple(words[k] for k in row) for row in picked]
    rows += [(words[k],) for k in picked[:20, 0]]
    for row in rows:
        numbers = [words.index(word) for word in row] + [NO_WORD] * (3 - len(row))
        assert log_chance(table, *numbers) == pytest.approx(natural(theirs.prob(list(row))), abs=2e-3), row


def test_another_file_is_no_table(tmp_path: pytest.TempPathFactory) -> None:
    path = tmp_path / "table.bin"  # type: ignore[operator]
    path.write_bytes(b"nothing of the kind, and too short as well")
    with pytest.raises(ValueError, match="known here"):
        read_trigrams(path)


def spelled(tree: Tree, names: tuple[str, ...]) -> dict[int, set[tuple[str, ...]]]:
    """From word to the sounds on the ways to it."""
    result: dict[int, set[tuple[str, ...]]] = {}

    def walk(node: int, way: tuple[str, ...]) -> None:
        way = (*way, names[tree.sound[node]])
        for word in tree.words[slice(*tree.ends[node])]:
            result.setdefault(int(word), set()).add(way)
        for child in range(*tree.children[node]):
            walk(child, way)

    for root in tree.roots:
        if tree.kind[root] != FILLER:
            walk(int(root), ())
    return result


def test_the_tree_spells_every_word(model: EnglishModel) -> None:
    words = ["a", "an", "and", "ant", "ants", "the", "there", "their", "unheard-of-word", "tomato"]
    chance = -np.arange(1.0, 11.0, dtype=np.float32)
    tree = tree_of(model.acoustics, words, chance, model.dictionary)
    ways = spelled(tree, model.acoustics.names)
    assert ways == {n: set(model.dictionary[w]) for n, w in enumerate(words) if w in model.dictionary}
    assert len(ways) == 9
    for node, kind in enumerate(tree.kind):
        below = tree.hope[slice(*tree.children[node])]
        own = chance[tree.words[slice(*tree.ends[node])]]
        assert (kind in (LAST, ONLY)) == bool(len(own))
        assert (kind in (FIRST, INNER)) == bool(len(below))
        assert kind == FILLER or tree.hope[node] == max([*below, *own])


def test_blends_at_words_ends_hold_all_that_may_follow(model: EnglishModel) -> None:
    acoustics = model.acoustics
    contexts = contexts_of(acoustics, world_pairs(acoustics.names))
    sizes = np.diff(contexts.bounds)
    assert sizes.min() >= 1
    total = np.add.reduceat(contexts.shares, contexts.bounds[:-1])
    assert total == pytest.approx(1.0, abs=1e-5)
    sound, before = acoustics.names.index("T"), acoustics.names.index("AE")
    row = (sound * len(acoustics.names) + before) * 3 + 2
    members = set(contexts.members[contexts.bounds[row] : contexts.bounds[row + 1]].tolist())
    after = [acoustics.names.index(name) for name in ("IY", "S", "HH", SILENCE)]
    rows = [acoustics.sequence(END, sound, before, right) for right in after]
    assert set(acoustics.senones[rows, 2].tolist()) <= members


def test_pairs_of_english_are_chances(model: EnglishModel) -> None:
    names = model.acoustics.names
    pairs = np.exp(english_pairs(names))
    spoken = [names.index(name) for name in names if name[0] != "+"]
    total = pairs[np.ix_(spoken, spoken)].sum(axis=1)
    assert total.max() < 1.01
    assert np.median(total) > 0.95  # the end of speech is left out
    s, t, ng = (names.index(name) for name in ("S", "T", "NG"))
    assert pairs[s, t] > 10 * pairs[s, ng]


def test_words_of_a_synthetic_voice_are_found(model: EnglishModel) -> None:
    vocabulary = english_vocabulary(model)
    assert vocabulary is not None
    text = "the president of the united states said that he would not go to the city of new york"
    speech = say(text, voice="espeak", language="en")
    words = vocabulary.words(model.mixed(features(resampled(speech.samples, speech.rate))))
    assert len(set(words) & set(text.split())) >= 4


def test_most_words_of_a_real_voice_are_found(model: EnglishModel) -> None:
    vocabulary = english_vocabulary(model)
    assert vocabulary is not None
    samples, rate = read_audio(eval_file("timit/dr7-fblv0/sx338.wav"))
    said = set(eval_file("timit/dr7-fblv0/sx338.wrd").read_text().split()[2::3])
    assert len(set(vocabulary.words(model.mixed(features(resampled(samples, rate))))) & said) > len(said) / 2


@pytest.mark.parametrize("frames", [4, 5, 40])
def test_noise_of_any_length_is_survived(model: EnglishModel, frames: int) -> None:
    vocabulary = english_vocabulary(model)
    assert vocabulary is not None
    noise = np.random.default_rng(frames).normal(0, 3, (frames, 3, 13)).astype(np.float32)
    assert len(vocabulary.words(model.mixed(noise))) <= frames
