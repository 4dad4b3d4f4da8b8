"""The inventory of a language holds every sound that the voice emits when it speaks that language."""

import unicodedata

import pytest

from espeak_inventory import phoneme_inventory
from phiz.errors import UsageError
from phiz.speech.ipa import is_modifier
from phiz.speech.synthesis import speak
from phiz.speech.voices.espeak import languages, variants, voice_file

# Pangrams and counting: many sounds, and the surroundings that running speech puts them in.
SPOKEN = {
    "en": "The beige hue on the waters of the loch impressed all, including the French queen. "
    "Jumping zebras vex; "
    "thought, pleasure, church, judge, boy, now, fair, poor, near, bird, singing, bottle, "
    "button, 123456789",
    "en-gb": "The beige hue on the waters impressed all. Fair, poor, near, bird, hot, bath, fire, "
    "hour, 1987",
    "es": "El veloz murciélago hindú comía feliz cardillo y kiwi. La cigüeña tocaba el saxofón "
    "detrás, ñoño, rey, 1987",
    "fr": "Portez ce vieux whisky au juge blond qui fume. Un bon vin blanc, œuf, rue, montagne, "
    "feuille, 1987, huit",
    "de": "Falsches Üben von Xylophonmusik quält jeden größeren Zwerg. Ich auch, Bäume, Jeans, "
    "Pfad, Genie, 1987",
    "it": "Quel vituperabile xenofobo zelante assaggia il whisky ed esclama: alleluja! Gli "
    "gnocchi, pizza, sasso, 1987",
    "pt": "À noite, vovô Kowalsky vê o ímã cair no pé do pinguim queixoso. Não põe, muito, "
    "lhama, carro, 1987",
    "pt-br": "Luís argüia à Júlia que brações, fé, chá, óxido, pôr, zângão eram palavras. Dia, "
    "tia, mãe, 1987",
    "pl": "Pchnąć w tę łódź jeża lub ośm skrzyń fig. Chrząszcz brzmi w trzcinie, dżem, dźwięk, "
    "ćma, 1987",
    "ru": "Съешь ещё этих мягких французских булок, да выпей же чаю. Подъезд, щука, цирк, жюри, 1987",
    "ja": "いろはにほへと ちりぬるを わかよたれそ "
    "つねならむ。きゃく、しゅう、ちょっと、ふじさん、がっこう、ぴゅう、1987",
    "cmn": "视野无限广，窗外有蓝天。我爱吃苹果，女儿绿水，字词四，十日，雪月，熊，儿童，1987",
    "ko": "키스의 고유조건은 입술끼리 만나야 하고 특별한 기술은 필요치 않다. 꽃 떡 빵 쌀 짜다 1987",
    "hi": "ऋषियों को सताने वाले दुष्ट राक्षसों के राजा रावण का सर्वनाश करने वाले विष्णुवतार "
    "भगवान श्रीराम, ठंड ढोल झंडा फूल घर ख़बर १९८७",
    "ar": "نص حكيم له سر قاطع وذو شأن عظيم مكتوب على ثوب أخضر ومغلف بجلد أزرق، خبز، غرفة، ضوء، ١٩٨٧",
}  # fmt: skip


@pytest.mark.parametrize("language", SPOKEN)
def test_what_is_spoken_is_in_the_inventory(language: str) -> None:
    inventory = phoneme_inventory(language)
    spoken = {phoneme.ipa for phoneme in speak(SPOKEN[language], language=language).phonemes}
    assert len(spoken) > 20
    assert spoken <= inventory, spoken - inventory


@pytest.mark.parametrize("language", SPOKEN)
def test_names_are_plain_ipa(language: str) -> None:
    for ipa in phoneme_inventory(language):
        assert ipa
        assert ipa == unicodedata.normalize("NFC", ipa)
        assert not is_modifier(ipa[0]), ipa
        assert not set(ipa) & set("ˈˌ˥˦˧˨˩0123456789 ()_-.^\"'#:;,*/?!@&"), ipa
        assert all(unicodedata.category(character) in ("Ll", "Lm", "Lo", "Mn") for character in ipa), ipa


def test_inventory_holds_the_languages_own_sounds() -> None:
    english = {"p", "b", "m", "f", "v", "θ", "ð", "tʃ", "dʒ", "ʃ", "ʒ", "ɹ", "w", "aɪ", "oʊ", "ɜː"}
    assert english <= phoneme_inventory("en")
    assert {"y", "ø", "œ", "ʁ", "ɲ"} <= phoneme_inventory("fr") | phoneme_inventory("de")
    assert {"tɕ", "tɕʰ", "ʈʂ", "ʈʂʰ", "pʰ", "y"} <= phoneme_inventory("cmn")
    assert {"ħ", "ʕ", "q"} <= phoneme_inventory("ar")
    assert {"pʰ", "bʰ", "ʈ", "ɖ", "ʈʰ"} <= phoneme_inventory("hi")
    assert {"pʲ", "tʲ", "mʲ"} <= phoneme_inventory("ru")


def test_inventory_of_an_unknown_language() -> None:
    with pytest.raises(UsageError, match="'klingonese'"):
        phoneme_inventory("klingonese")


def test_lists() -> None:
    assert {"en-us", "en-gb", "fr", "de", "es", "pt-br", "cmn", "ja"} <= languages().keys()
    assert voice_file("pt") == "roa/pt"  # Portugal's has the higher priority
    assert {"f3", "m3", "klatt4"} <= set(variants())
