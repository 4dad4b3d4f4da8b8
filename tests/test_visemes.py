"""Every sound has a look: the tables are whole, and any IPA string becomes visemes."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from espeak_inventory import phoneme_inventory
from phiz.channels import CHANNELS
from phiz.data import table
from phiz.errors import SpeechError
from phiz.motion.viseme_table import REST, articulators, visemes
from phiz.portrait.controls import control_table
from phiz.speech.viseme_targets import visemes_of

PLACES_BY_MARK = ("linguolabial",)  # places that no symbol has
SYMBOLS = [row["symbol"] for row in table("ipa")]
MARKS = [chr(int(row["code"][2:], 16)) for row in table("diacritics")]
CHART = frozenset(  # the letters of the IPA chart, 2020
    "pbtdʈɖcɟkɡqɢʔmɱnɳɲŋɴʙrʀⱱɾɽɸβfvθðszʃʒʂʐçʝxɣχʁħʕhɦɬɮʋɹɻjɰlɭʎʟʘ"
    "ǀǃǂǁɓɗʄɠʛʍwɥʜʢʡɕʑɺɧiyɨʉɯuɪʏʊeøɘɵɤoəɛœɜɞʌɔæɐaɶɑɒ"
)


def looks(ipa):
    return [target.viseme for target in visemes_of(ipa)]


def drawn_in(weights):
    """Millimetres by which each corner of the mouth comes towards the middle."""
    return -sum(
        weights[shape] * control_table()[shape]["mouth_corner_left"][0]
        for shape in ("mouthPucker", "mouthFunnel")
    )


@pytest.mark.parametrize(
    "language", ["en", "es", "fr", "de", "it", "pt", "pl", "ru", "ja", "cmn", "ko", "hi", "ar"]
)
def test_every_phoneme_of_the_built_in_voice_has_a_look(language):
    inventory = phoneme_inventory(language)
    assert len(inventory) > 25
    known = {*SYMBOLS, *MARKS, "\u0329", "\u0303", "\u0308", "\u032a", "ʰ", "ˤ"}  # the rest of what it emits
    for phoneme in inventory:
        assert REST not in looks(phoneme)
        letters = unicodedata.normalize("NFD", phoneme).replace("c\u0327", "ç")
        assert set(letters) <= known, f"{phoneme!r}: {set(letters) - known} would be passed over unseen"


def test_the_whole_ipa_chart_is_in_the_table():
    assert set(SYMBOLS) >= CHART
    assert len(SYMBOLS) == len(set(SYMBOLS))


def test_the_tables_agree_with_each_other():
    assert {row["viseme"] for row in table("looks")} | {REST} == set(visemes())
    features = ("kind", "place", "manner", "rounding", "voice")
    for row in table("looks"):  # a misspelt feature would never fit
        for name in features:
            assert set(row[name].split("|")) <= {sound[name] for sound in table("ipa")} | {
                "",
                *PLACES_BY_MARK,
            }
    shown = {looks(row["symbol"])[0] for row in table("ipa")} | {looks("t̼")[0]}
    assert shown == {row["viseme"] for row in table("looks")}, "a row of looks.csv that nothing reaches"
    assert {row["kind"] for row in table("ipa")} == {"vowel", "consonant", "glide"}
    effects = {"round", "unround", "open", "close", "spread", "teeth", "long", "brief"}
    named = {row["effect"] for row in table("diacritics")} - effects
    assert named == {"rounding=r-coloured", "place=labiodental", "place=linguolabial"}
    for articulator in articulators():
        sides = {articulator.channel, f"{articulator.channel}Left", f"{articulator.channel}Right"}
        assert len(sides & set(CHANNELS)) in (1, 2)
    for viseme in visemes().values():
        assert all(0 <= weight <= 1 for weight in viseme.weights.values())
        assert all(0 < dominance <= 2 for dominance in viseme.dominance.values())
        assert 0 < viseme.attack <= 0.5
        assert 0 < viseme.release <= 0.5
        assert viseme.hold in ("lips", "jaw", "-")


def test_looks_follow_from_features():
    """Sounds made with the lips look like it, rounded vowels are puckered or trumpeted and spread ones are
    not."""
    for row in table("ipa"):
        viseme = looks(row["symbol"])[0]
        weights = visemes()[viseme].weights
        if row["place"] == "bilabial" and row["manner"] in ("plosive", "nasal", "implosive", "click"):
            assert weights["jawOpen"] == weights["mouthClose"], row
        if row["place"] == "labiodental":
            assert weights["mouthRollLower"] > 0.2, row
        if row["kind"] == "vowel":
            assert (drawn_in(weights) > 2) == (row["rounding"] != "unrounded") or viseme == "er", row
    jaw = {name: visemes()[name].weights["jawOpen"] for name in visemes()}
    assert jaw["ee"] < jaw["eh"] < jaw["ea"] < jaw["ah"]
    assert jaw["oo"] < jaw["oh"] < jaw["aw"] < jaw["oa"]


@pytest.mark.parametrize(
    ("ipa", "expected"),
    [
        ("aɪ", ["ah", "ih"]),
        ("a͜ʊ", ["ah", "ou"]),
        ("t͡ʃ", ["sh"]),
        ("dʒ", ["sh"]),
        ("ts", ["s"]),
        ("p͡f", ["p", "f"]),
        ("k͡p", ["p"]),
        ("ŋ͡m", ["p"]),
        ("ɔːɹ", ["aw", "r"]),
        ("m̩", ["p"]),
        ("l̩", ["l"]),
        ("tʼ", ["t"]),
        ("p̪", ["f"]),
        ("t̼", ["th"]),
        ("ə˞", ["er"]),
        ("ǃ", ["t"]),
        ("ma˥˩", ["p", "ah"]),
        ("ˈeː", ["eh"]),
        ("ɑ̃", ["ah"]),
        ("t͡sʰ", ["s"]),
        ("ji", ["j", "ee"]),
        ("ⁿd", ["t"]),
        ("g", ["k"]),
    ],
)
def test_strings_of_several_signs(ipa, expected):
    assert looks(ipa) == expected


def test_marks_that_change_the_lips():
    assert visemes_of("kʷ")[0].rounded == 1
    assert visemes_of("u̜")[0].rounded == -1
    assert visemes_of("tʲ")[0].rounded == -1
    assert visemes_of("e̞")[0].opened == 1
    assert visemes_of("e̝")[0].opened == -1


def test_the_longer_part_of_a_phoneme_gets_more_time():
    def split(ipa):
        return visemes_of(ipa)[0].end

    assert split("aɪ") > 0.5
    assert split("i̯a") < 0.5
    assert split("aːɪ") > split("aɪ")
    assert split("ai̯") > 0.5
    assert split("wa") < 0.5


NASAL, TENSE = "\u0303", "ˤ"  # marks that show nothing
BY_SYMBOL = {row["symbol"]: row for row in table("ipa")}


@given(
    st.sampled_from(sorted(CHART)),
    st.lists(st.sampled_from([*MARKS, NASAL, TENSE, "ʰ", "ʼ", "̥"]), max_size=3),
)
@settings(deadline=None, max_examples=300)
def test_any_symbol_with_any_marks_is_made_as_its_features_say(symbol, marks):
    """Lips that close do, whatever is written over them; teeth touch; rounding rounds; nothing else does."""
    (target,) = visemes_of(symbol + "".join(marks))
    made, weights = BY_SYMBOL[symbol], visemes()[target.viseme].weights
    moved = {"\u032a", "\u0346", "\u033c"} & set(marks)  # to the teeth, or the tongue to the lip
    if (
        made["place"] == "bilabial"
        and made["manner"] in ("plosive", "nasal", "implosive", "click")
        and not moved
    ):
        assert weights["jawOpen"] == weights["mouthClose"]
        assert visemes()[target.viseme].hold == "lips"
    if made["place"] == "labiodental" and "\u033c" not in marks:
        assert weights["mouthRollLower"] > 0.2
    if made["rounding"] == "rounded" and "˞" not in marks:
        assert drawn_in(weights) > 2
    if made["rounding"] == "unrounded" and made["manner"] != "open-mid" and "˞" not in marks:
        assert drawn_in(weights) == 0
    if "ʷ" in marks and not {"\u034d", "\u031c", "ʲ"} & set(marks):
        assert target.rounded == 1
    if made["manner"] in ("open", "near-open") and made["kind"] == "vowel" and "˞" not in marks:
        assert weights["jawOpen"] >= 0.3
    if made["manner"] == "close":
        assert weights["jawOpen"] <= 0.2
    assert target.vowel == (made["kind"] == "vowel")


def test_marks_that_show_nothing_change_nothing():
    for symbol in CHART:
        for mark in (NASAL, TENSE, "ʰ", "ʼ", "̥", "̤", "̰", "ˠ"):
            assert visemes_of(symbol + mark) == visemes_of(symbol)


@pytest.mark.parametrize("ipa", ["ç", "ã", "é"])
def test_composed_and_decomposed_letters_are_the_same(ipa):
    assert visemes_of(unicodedata.normalize("NFC", ipa)) == visemes_of(unicodedata.normalize("NFD", ipa))


@given(st.text("".join(SYMBOLS + MARKS) + "͡ː˥ˈ̃ʰ .|", min_size=1, max_size=8))
@settings(deadline=None)
def test_any_string_with_a_letter_is_covered_from_start_to_end(ipa):
    if not any(letter in SYMBOLS for letter in unicodedata.normalize("NFD", ipa)):
        with pytest.raises(SpeechError):
            visemes_of(ipa)
        return
    targets = visemes_of(ipa)
    assert targets[0].start == 0.0
    assert targets[-1].end == 1.0
    for before, after in pairwise(targets):
        assert before.start < before.end == after.start < after.end
    assert {target.viseme for target in targets} <= set(visemes())


@pytest.mark.parametrize("ipa", ["", " ", "ː", "˥˩", "ˈ", "5", "_:", "̃"])
def test_no_letter_is_an_error_that_says_so(ipa):
    with pytest.raises(SpeechError, match="IPA letter"):
        visemes_of(ipa)
