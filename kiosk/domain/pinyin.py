"""Candidates for the on-screen pinyin pad, from pypinyin's dictionaries. Loaded at the first call, kept after."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice
from unicodedata import normalize

from kiosk.domain.pinyin_words import CAMPUS, COMMONEST

MOST = 24
MOST_LETTERS = 40
LONGEST_SYLLABLE = 6
WORDS_FIRST = 10
LONGEST_WORD = 6

MOST_BEGUN = 400
RARE = 10_000
"""Added to the score of a reading that a character seldom has: 能 as nai."""

_CAMPUS = frozenset(CAMPUS)
_VOWEL = re.compile(r"[aeiouv]")
_LETTERS = re.compile(r"[a-z]+")
_PLAIN_UE = re.compile(r"(?<=[ln])ue")


@dataclass(frozen=True, slots=True)
class Candidate:
    """`text` stands for the first `used` letters typed; the rest stay to be turned into characters."""

    text: str
    used: int


@dataclass(frozen=True, slots=True)
class _Book:
    """Characters by syllable and words by letters, commonest first, with their scores (low = common).

    `keys` are the letters of all words, sorted; `initials` finds campus words by first letters (qj: 请假).
    """

    characters: dict[str, tuple[tuple[int, str], ...]]
    words: dict[str, tuple[str, ...]]
    keys: tuple[str, ...]
    initials: dict[str, tuple[str, ...]]
    score: dict[str, int]


def load() -> None:
    """Load the dictionaries now (a third of a second) instead of at the first letter."""
    _book()


def candidates(letters: str) -> tuple[Candidate, ...]:
    """At most 24, best first: whole words, words begun, words for the first syllables, then characters.

    `letters` are a–z without tones (v for ü), an apostrophe parts syllables (xi'an); anything else has no candidates.
    """
    typed = letters.lower()
    joined = _PLAIN_UE.sub("ve", typed.replace("'", ""))
    if not _LETTERS.fullmatch(joined) or len(typed) > MOST_LETTERS:
        return ()
    found = _best_first(joined)
    return tuple(islice(dict.fromkeys(_parted(typed, found) if "'" in typed else found), MOST))


def _best_first(typed: str) -> Iterator[Candidate]:
    book = _book()
    first = _first_syllable(book, typed)
    characters = _characters(book, typed, first)
    if not first:
        return chain(_by_initials(book, typed), characters)
    words = islice(_words(book, typed), WORDS_FIRST)
    if first == typed:
        return chain(islice(characters, MOST - WORDS_FIRST), words, characters)
    return chain(words, _by_initials(book, typed), characters)


def _parted(typed: str, found: Iterator[Candidate]) -> Iterator[Candidate]:
    """Those with a character or more for every part they use; `used` counts the apostrophes too."""
    ends = [place for place, letter in enumerate(typed, 1) if letter != "'"]
    for candidate in found:
        end = ends[candidate.used - 1]
        if len(candidate.text) >= len(typed[:end].strip("'").split("'")):
            rest = typed[end:]
            yield Candidate(candidate.text, end + len(rest) - len(rest.lstrip("'")))


def plain(syllable: str) -> str:
    """lǜ → lv, háng → hang: letters alone."""
    bare = normalize("NFD", syllable).replace("u\u0308", "v").replace("ê", "e")
    return "".join(letter for letter in bare if "a" <= letter <= "z")


def _first_syllable(book: _Book, typed: str) -> str:
    """The longest syllable the letters begin with, "" when there is none yet (zh)."""
    lengths = range(min(LONGEST_SYLLABLE, len(typed)), 0, -1)
    return next((typed[:n] for n in lengths if typed[:n] in book.characters), "")


def _characters(book: _Book, typed: str, first: str) -> Iterator[Candidate]:
    """Those of the first syllable, then of the shorter ones the letters begin with (xian: 先, then 西)."""
    if not first:
        sets = [found[:MOST] for syllable, found in book.characters.items() if syllable.startswith(typed)]
        yield from (Candidate(c, len(typed)) for _, c in sorted(chain(*sets))[: 2 * MOST])
    for length in range(len(first), 0, -1):
        yield from (Candidate(c, length) for _, c in book.characters.get(typed[:length], ()))


def _words(book: _Book, typed: str) -> Iterator[Candidate]:
    yield from (Candidate(word, len(typed)) for word in book.words.get(typed, ()))
    begun = islice((key for key in _beginning(book, typed) if key != typed), MOST_BEGUN)
    completed = sorted((word for key in begun for word in book.words[key]), key=lambda w: _commonness(book.score, w))
    yield from (Candidate(word, len(typed)) for word in completed[:4])
    for length in range(len(typed) - 1, 1, -1):
        yield from (Candidate(word, length) for word in book.words.get(typed[:length], ())[:4])


def _by_initials(book: _Book, typed: str) -> Iterator[Candidate]:
    return (Candidate(word, len(typed)) for word in book.initials.get(typed, ()))


def _beginning(book: _Book, typed: str) -> Iterator[str]:
    for key in book.keys[bisect_left(book.keys, typed) :] if len(typed) > 1 else ():
        if not key.startswith(typed):
            return
        yield key


def _commonness(score: dict[str, int], word: str) -> tuple[int, int]:
    """Campus words before all; then shorter words first, then those whose rarest character is commonest."""
    return (0, 0) if word in _CAMPUS else (len(word), max(score.get(c, RARE) for c in word))


@cache
def _book() -> _Book:
    # pypinyin reads 3 MB of JSON when imported: not at the terminal's start
    from pypinyin import Style, lazy_pinyin
    from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

    bare = cache(plain)
    score = _scores(PHRASES_DICT)
    spoken: Counter[tuple[str, str]] = Counter()
    words: dict[str, list[str]] = {}
    for word, readings in PHRASES_DICT.items():
        syllables = [bare(reading[0]) for reading in readings]
        spoken.update(zip(word, syllables, strict=False))
        if 2 <= len(word) <= LONGEST_WORD and all(c in score for c in word):
            words.setdefault("".join(syllables), []).append(word)
    initials: dict[str, list[str]] = {}
    for word in CAMPUS:
        spelt = lazy_pinyin(word, style=Style.NORMAL, v_to_u=False)
        words.setdefault("".join(spelt), []).append(word)
        initials.setdefault("".join(syllable[0] for syllable in spelt), []).append(word)
    characters: dict[str, dict[str, int]] = {}
    for c, own in score.items():
        spoken_so = list(dict.fromkeys(bare(reading) for reading in PINYIN_DICT.get(ord(c), "").split(",")))
        heard = sum(spoken[c, sound] for sound in spoken_so)
        for order, sound in enumerate(spoken_so):
            usual = order == 0 or spoken[c, sound] * 8 > heard
            characters.setdefault(sound, {})[c] = own if usual else own + RARE
    return _Book(
        {s: tuple(sorted((n, c) for c, n in found.items())) for s, found in characters.items() if _VOWEL.search(s)},
        {k: tuple(sorted(dict.fromkeys(found), key=lambda w: _commonness(score, w))) for k, found in words.items()},
        tuple(sorted(words)),
        {k: tuple(dict.fromkeys(found)) for k, found in initials.items()},
        score,
    )


def _scores(phrases: Iterable[str]) -> dict[str, int]:
    """GB2312, low = common: the commonest, then level 1 by how many words it stands in, then level 2."""
    stands_in = Counter(c for word in phrases for c in word)
    level_1 = sorted(_level(0xB0, 0xD7), key=lambda c: -stands_in[c])
    level_2 = sorted(_level(0xD8, 0xF7), key=lambda c: -stands_in[c])
    return {c: n for n, c in enumerate(dict.fromkeys([*COMMONEST, *level_1, *level_2]))}


def _level(first: int, last: int) -> list[str]:
    rows = (bytes([row, cell]) for row in range(first, last + 1) for cell in range(0xA1, 0xFF))
    return [c for code in rows if (c := code.decode("gb2312", "ignore"))]
