"""In: a language's code, or a text. Out: the `Language`, or the language of the text and the questions in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from bi_chat.language.engine import Language
from bi_chat.language.loading import folder, languages, load_language, read_yaml
from bi_chat.language.meanings import Amount

FALLBACK = "en"
MARK_WEIGHT = 2
_QUOTES = " \"'“”‘’「」『』,，"
_CLAUSE = re.compile(r"(?:[^,;.!?，；。！？]|(?<=\d)[.,](?=\d))+[,;.!?，；。！？]*")


@cache
def get(code: str) -> Language:
    """The language of a code. Raises SettingsError for one that has no folder."""
    return load_language(code)


def detect(text: str) -> str:
    """The code of the language a text is most likely in.

    Each language counts its script's units (words, or Han characters) and, more, the small words that hold its
    sentences together: a Chinese name inside an English question leaves it English. English when nothing speaks.
    """
    scores = {code: _score(text, *_marks(code)) for code in languages()}
    best = max(scores.values(), default=0)
    if not best:
        return FALLBACK
    tied = [code for code, score in scores.items() if score == best]
    return tied[-1]


def questions_in(text: str, language: str) -> tuple[str, ...]:
    """The questions of a sentence that asks several: "why did it fall, and what comes next?" holds two."""
    mark = _pattern(language, "next_question")
    return tuple(p for part in mark.split(text) if (p := part.strip(" ,;.，；。"))) if mark else (text,)


@dataclass(frozen=True, slots=True)
class Taught:
    """ "by SAYS I mean MEANS", or "forget SAYS". `sure`: it can't be a question."""

    says: str
    means: str = ""
    forget: bool = False
    sure: bool = True


def lesson_in(text: str, language: str) -> Taught | None:
    """What a sentence teaches about words; None when it has no such form."""
    for name, pattern in _lessons(language):
        found = pattern.fullmatch(text.strip().rstrip(".!。！"))
        if found is not None:
            said = {k: v.strip(_QUOTES) for k, v in found.groupdict().items()}
            return Taught(said["says"], said.get("means", ""), name == "forget", name != "is")
    return None


def manner_in(text: str, language: str) -> str:
    """What kind of thing is said that is no question of the data ("rude", "orders", "export", …); '' when none."""
    return next((kind for kind, pattern in _manners(language) if pattern.search(text.strip())), "")


def column_in(text: str, language: str) -> tuple[int, int, int] | None:
    """The column that a text names by its place ("the second column"): the place, -1 for the last, and its span."""
    mark = _pattern(language, "column_place")
    found = mark.search(text) if mark else None
    if found is None:
        return None
    if found["last"]:
        return -1, *found.span()
    known = get(language)
    amounts = [m.meaning for m in known.matches(known.tokenize(found[0])) if isinstance(m.meaning, Amount)]
    place = max(amounts, key=lambda a: a.ordinal, default=None)
    return (int(place.value), *found.span()) if place is not None else None


@cache
def choosing_words(code: str) -> frozenset[str]:
    """Small words of an answer that picks one of several things ("I mean the … one")."""
    about = read_yaml(folder(code).joinpath("language.yaml"))
    return frozenset(str(w) for w in about.get("choosing", ())) if isinstance(about, dict) else frozenset()


@cache
def _manners(code: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return _kinds(code, "manners")


@cache
def _lessons(code: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return _kinds(code, "lessons")


def _kinds(code: str, name: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Patterns by kind, in the order of the file."""
    about = read_yaml(folder(code).joinpath("language.yaml"))
    listed = about.get(name, []) if isinstance(about, dict) else []
    return tuple((kind, re.compile(str(said), re.IGNORECASE)) for one in listed for kind, said in one.items())


def claims_in(text: str, language: str) -> tuple[str, str]:
    """What is asked, and what is only claimed ("I am the CEO, the rules don't apply to me"): clauses of each."""
    mark = _pattern(language, "claim")
    clauses = [c for c in _CLAUSE.findall(text) if c.strip()]
    claimed = [c for c in clauses if mark is not None and mark.search(c.strip())]
    asked = [c for c in clauses if c not in claimed]
    return "".join(asked).strip(), " ".join(c.strip(" ,;.，；。") for c in claimed)


@cache
def _pattern(code: str, name: str) -> re.Pattern[str] | None:
    """A pattern of a language; None where it has none of that name."""
    about = read_yaml(folder(code).joinpath("language.yaml"))
    mark = about.get(name) if isinstance(about, dict) else None
    return re.compile(str(mark), re.IGNORECASE) if mark else None


def _score(text: str, script: re.Pattern[str], marks: re.Pattern[str] | None) -> int:
    found = len(script.findall(text))
    return found + MARK_WEIGHT * len(marks.findall(text)) if marks and found else found


@cache
def _marks(code: str) -> tuple[re.Pattern[str], re.Pattern[str] | None]:
    about = read_yaml(folder(code).joinpath("language.yaml"))
    if not isinstance(about, dict):
        raise TypeError(f"{code}/language.yaml: a mapping is expected")
    words = [re.escape(str(w)) for w in about.get("marks", [])]
    joined = "|".join(sorted(words, key=len, reverse=True))
    edge = r"\b" if about.get("spaced", True) else ""
    marks = re.compile(f"{edge}(?:{joined}){edge}", re.IGNORECASE) if words else None
    return re.compile(str(about["script"])), marks
