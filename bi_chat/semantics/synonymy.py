"""In: the words of a name. Out: other phrases for it, in the same language and in the other one, likeliest first."""

from __future__ import annotations

from functools import lru_cache
from itertools import islice, product

from bi_chat.semantics.vocabulary import Group, Phrase, is_chinese, phrase_key, singular, vocabulary

_LONGEST = 4
_MOST = 16
_COUNT_WORDS = frozenset({"count", "number", "数", "数量"})


@lru_cache(maxsize=20_000)
def synonyms(words: Phrase) -> tuple[str, ...]:
    """Other phrases for `words`: whole-phrase synonyms, translations, then one word exchanged; at most 16.

    The cost grows with the number of words only. ("customer", "name") → "client name", 客户姓名 …
    """
    if not words:
        return ()
    found: dict[str, None] = {}
    for source in (_whole(words), _counts(words), _translated(words), _one_exchanged(words)):
        found.update(dict.fromkeys(source))
    own = _spoken(words)
    return tuple(islice((p for p in found if p != own), _MOST))


def _groups(words: Phrase) -> tuple[Group, ...]:
    known = vocabulary()
    key = "".join(words) if is_chinese(words[0]) else phrase_key(words)
    return tuple(known.groups[i] for i in known.groups_of.get(key, ()))


def _spoken(words: Phrase) -> str:
    """Words as one phrase: blanks between Latin words, none between Chinese ones."""
    out = ""
    for word in words:
        gap = " " if out and not (is_chinese(out[-1]) and is_chinese(word[0])) else ""
        out += gap + word
    return out


def _members(group: Group) -> list[str]:
    return [*(" ".join(p) for p in group.english), *group.chinese]


def _whole(words: Phrase) -> list[str]:
    key = phrase_key(words)
    return [m for g in _groups(words) for m in _members(g) if phrase_key(tuple(m.split())) != key]


def _counts(words: Phrase) -> list[str]:
    """Ways to say how many: number_of_seats, seat_count, 座位数."""
    if len(words) > 2 and words[:2] in (("number", "of"), ("count", "of")):
        rest = words[2:]
    elif len(words) > 1 and words[0] == "number":
        rest = words[1:]
    elif len(words) > 1 and words[-1] in _COUNT_WORDS - {"number"}:
        rest = words[:-1]
    else:
        return []
    noun = _spoken(rest)
    if is_chinese(noun):
        out = [f"{noun}数", f"{noun}数量"]
        english = next((" ".join(g.english[0]) for g in _groups(rest) if g.english), "")
        return [*out, f"number of {english}", f"{english} count"] if english else out
    chinese = next((g.chinese[0] for g in _groups(rest) if g.chinese), "")
    return [f"number of {noun}", f"{noun} count", noun, *((f"{chinese}数", f"{chinese}数量") if chinese else ())]


def _spans(words: Phrase) -> list[tuple[int, int]]:
    """Cut words into the longest phrases that have a group, left to right."""
    out: list[tuple[int, int]] = []
    start = 0
    while start < len(words):
        end = next(
            (e for e in range(min(len(words), start + _LONGEST), start, -1) if _groups(words[start:e])),
            start + 1,
        )
        out.append((start, end))
        start = end
    return out


def _translated(words: Phrase) -> list[str]:
    """The phrase in the other language, word by word; nothing when a word is unknown there."""
    to_chinese = not any(is_chinese(w) for w in words)
    choices: list[list[str]] = []
    for start, end in _spans(tuple(w for w in words if w not in ("of", "the"))):
        span = tuple(w for w in words if w not in ("of", "the"))[start:end]
        options = _other_language(span, to_chinese=to_chinese)
        if not options:
            return []
        choices.append(options)
    return [("" if to_chinese else " ").join(c) for c in islice(product(*choices), 6)]


def _other_language(span: Phrase, *, to_chinese: bool) -> list[str]:
    if to_chinese:
        return list(dict.fromkeys(z for g in _groups(span)[:2] for z in g.chinese[:2]))[:2]
    return list(dict.fromkeys(" ".join(p) for g in _groups(span)[:2] for p in g.english[:2]))[:2]


def _one_exchanged(words: Phrase) -> list[str]:
    """The phrase with one of its parts exchanged for a synonym of the same language."""
    spans = _spans(words)
    if len(spans) < 2:
        return []
    chinese = is_chinese(words[0])
    out: list[str] = []
    for start, end in reversed(spans):
        for group in _groups(words[start:end])[:2]:
            options: list[Phrase] = [(z,) for z in group.chinese] if chinese else list(group.english)
            out.extend(
                _spoken((*words[:start], *option, *words[end:]))
                for option in options[:4]
                if tuple(map(singular, option)) != tuple(map(singular, words[start:end]))
            )
    return out
