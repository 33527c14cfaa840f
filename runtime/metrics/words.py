"""How answers are compared word by word: what counts as the same text, and what a text's words are.

Chinese is written without spaces: a character of its script is a word by itself. Source: the evaluation of SQuAD (Rajpurkar et al. 2016)
for English, that of CMRC 2018 (Cui et al. 2019) for Chinese.
"""

import re
import unicodedata
from collections.abc import Sequence

ARTICLES = re.compile(r"\b(a|an|the)\b")
IDEOGRAPHS = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
IDEOGRAPH_OR_WORD = re.compile(f"[{IDEOGRAPHS}]|[^\\s{IDEOGRAPHS}]+")


def without_punctuation(text: str) -> str:
    """The text without the characters that Unicode calls punctuation or symbols."""
    return "".join(character for character in text if not _is_punctuation(character))


def _is_punctuation(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"


def normalised(text: str, ignore_case: bool, ignore_punctuation: bool, ignore_articles: bool) -> str:
    """The text as it is compared; runs of white space are one space, and none stands at the ends."""
    text = text.lower() if ignore_case else text
    text = without_punctuation(text) if ignore_punctuation else text
    if ignore_articles:
        text = re.sub(ARTICLES.pattern, " ", text, flags=re.IGNORECASE)
    return " ".join(text.split())


def english_words(text: str) -> Sequence[str]:
    """Lower-cased, without punctuation and articles, parted by white space."""
    return normalised(text, ignore_case=True, ignore_punctuation=True, ignore_articles=True).split()


def chinese_words(text: str) -> Sequence[str]:
    """Lower-cased; characters of Chinese one by one, other words whole, parted by white space and by punctuation, which is left out."""
    parted = "".join(" " if _is_punctuation(character) else character for character in text.lower())
    return IDEOGRAPH_OR_WORD.findall(parted)


def has_other_scripts(texts: Sequence[str]) -> bool:
    """Whether letters beyond Latin are at least a tenth of all letters of the texts."""
    letters = [character for text in texts for character in text if character.isalpha()]
    beyond = sum(1 for character in letters if ord(character) > 0x24F)
    return bool(letters) and beyond * 10 >= len(letters)
