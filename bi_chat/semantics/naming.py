"""In: the name of a table or column. Out: its words, a readable label, the head noun and what else people call it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from bi_chat.semantics.synonymy import synonyms
from bi_chat.semantics.vocabulary import Phrase, is_chinese, singular, vocabulary

__all__ = [
    "head",
    "is_key_name",
    "label",
    "shared_prefix",
    "singular",
    "split",
    "subject",
    "synonyms",
    "words",
]

_PIECE = re.compile(
    r"[^\W\d_\u4e00-\u9fff]*[^\W\d_\x00-\x7f\u4e00-\u9fff][^\W\d_\u4e00-\u9fff]*"  # words with other than ASCII letters
    r"|[A-Z]+s(?![a-z])"  # IDs
    r"|[A-Za-z]\d+(?![a-z])(?=$|[^A-Za-z0-9]|[A-Z])"  # Q1, h2
    r"|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+"
    r"|\d+"
    r"|[\u4e00-\u9fff]+"
    r"|[^\W\d_]+"
)
_LONGEST_INITIALS = 5
_SHORTEST_PART = 4
_UPPER = frozenset({"id", "url", "gdp", "gpa", "sku", "ip", "vip", "tv", "cpu", "ceo", "usd", "eur", "gbp", "cny"})
_LASTING = frozenset("duration length delay wait late run walk travel dur len trip ride call".split())
_LONE_NUMBER = frozenset({"no", "nos", "nr"})
_SURROGATE = frozenset({"sk", "fk", "pk", "nk"})  # a warehouse's own numbers: nobody says "customer key"


@lru_cache(maxsize=50_000)
def split(name: str) -> Phrase:
    """The pieces of a name as written, lower-cased: `homeStoreNo` → home, store, no; 门店编号 → 门店, 编号."""
    pieces: list[str] = []
    for found in _PIECE.finditer(name):
        piece = found.group()
        if is_chinese(piece):
            pieces.extend(_segment_chinese(piece))
        else:
            pieces.extend(_split_glued(piece.lower()))
    return tuple(pieces)


@lru_cache(maxsize=50_000)
def words(name: str, *, prefix: str = "") -> Phrase:
    """The words a name stands for: split, abbreviations spelled out, storage words such as `tbl_` and `_sk` left out.

    `prefix` is one that all columns of the table share (see `shared_prefix`); it is left out too. Key words such as id
    and code stay; `subject` drops them.
    """
    pieces = split(name.removeprefix(prefix) or name)
    pieces = _without_technical(pieces) or pieces
    known = vocabulary()
    if len(pieces) == 1 and pieces[0] in _LONE_NUMBER:
        return ("number",)
    out: list[str] = []
    for i, piece in enumerate(pieces):
        if piece == "min" and _is_minutes(pieces, i):
            out.append("minutes")
            continue
        spelled: Phrase | None = known.always.get(piece) if piece not in known.english or len(piece) <= 3 else None
        if spelled is None and len(pieces) > 1:
            spelled = known.inside.get(piece)
            if spelled is None and i == len(pieces) - 1:
                spelled = known.last.get(piece)
        out.extend(spelled or (piece,))
    return tuple(out) or (name.lower(),)


def _is_minutes(pieces: Phrase, at: int) -> bool:
    """ "downtime_min", "min_watched": minutes, where a length of time or a participle stands beside."""
    before, after = (pieces[at - 1] if at else ""), (pieces[at + 1] if at + 1 < len(pieces) else "")
    lasting = before.endswith(("time", "ed")) or before in _LASTING
    return (not after and lasting) or (not before and after.endswith("ed"))


def label(name: str, *, prefix: str = "") -> str:
    """A name fit to be read: `ss_cust_nm` (prefix ss_) → "customer name"; Chinese names stay as they are."""
    if is_chinese(name):
        return name.removeprefix(prefix) or name
    said = words(name, prefix=prefix)
    if split(name)[-1:] and split(name)[-1] in _SURROGATE:
        said = subject(said) or said
    return " ".join(w.upper() if w in _UPPER else w for w in said)


def subject(of: Phrase) -> Phrase:
    """The words without the key word at the end: (customer, id) → (customer); empty when nothing else was there."""
    keys = vocabulary().key_words
    end = len(of)
    while end and of[end - 1] in keys:
        end -= 1
    return of[:end]


def is_key_name(of: Phrase) -> bool:
    """Whether the last word says that this is a key (id, code, number, 编号 …)."""
    return bool(of) and of[-1] in vocabulary().key_words


def head(of: Phrase) -> str:
    """The noun that the rest describes: (home, store) → store; (date, of, birth) → date."""
    if not of:
        return ""
    for i, word in enumerate(of):
        if word in ("of", "per", "in", "for", "by") and i:
            return singular(of[i - 1])
    return singular(of[-1])


def shared_prefix(names: Sequence[str]) -> str:
    """A short technical prefix that all names share, with its underscore (`ss_`); '' when there is none.

    A prefix that is a word by itself (customer_id, customer_name) tells something and is kept.
    """
    if len(names) < 2 or any("_" not in n for n in names):
        return ""
    first = {n.split("_", 1)[0].lower() for n in names}
    prefix = names[0].split("_", 1)[0] + "_"
    known = vocabulary()
    wordy = prefix[:-1].lower() in known.english or prefix[:-1].lower() in known.always
    if len(first) != 1 or len(prefix) > 5 or wordy or not all(n.startswith(prefix) for n in names):
        return ""
    return prefix


def _without_technical(pieces: Phrase) -> Phrase:
    known = vocabulary()
    start, end = 0, len(pieces)
    # a first piece goes only where two or more remain to tell what the name is about, or it is plainly technical
    while start < end - 1 and pieces[start] in known.technical_first:
        start += 1
    while end - 1 > start and pieces[end - 1] in known.technical_last:
        end -= 1
    return pieces[start:end]


@lru_cache(maxsize=20_000)
def _split_glued(piece: str) -> Phrase:
    """Names written in one piece: `storeid` → store, id; `unitprice` → unit, price; unknown words stay whole."""
    known = vocabulary()
    if not piece.isascii() or not piece.isalpha() or piece in known.not_glued or piece in known.always:
        return (piece,)
    if singular(piece) in known.english:
        return (piece,)
    for end in sorted(known.glued_last, key=len, reverse=True):
        stem = piece[: -len(end)]
        if piece.endswith(end) and (_is_word(stem, 3) or stem in known.always):
            return (stem, end)
    if len(piece) <= _LONGEST_INITIALS and piece.endswith("id") and len(piece) > 2:
        return (piece[:-2], "id")  # uid, apid: initials and id
    for at in range(len(piece) - _SHORTEST_PART, _SHORTEST_PART - 1, -1):
        if _is_word(piece[:at], _SHORTEST_PART) and _is_word(piece[at:], _SHORTEST_PART):
            return (piece[:at], piece[at:])
    return (piece,)


def _is_word(text: str, shortest: int) -> bool:
    return len(text) >= shortest and singular(text) in vocabulary().english


@lru_cache(maxsize=20_000)
def _segment_chinese(text: str) -> Phrase:
    """Cut Chinese into known words: fewest unknown characters, then fewest words; unknown neighbours stay together."""
    known = vocabulary().chinese
    best: list[tuple[int, int, int]] = [(0, 0, 0)]
    for end in range(1, len(text) + 1):
        unknown, count, _ = best[end - 1]
        options = [(unknown + 1, count + 1, end - 1)]
        for start in range(max(0, end - 6), end):
            if text[start:end] in known:
                options.append((best[start][0], best[start][1] + 1, start))
        best.append(min(options))
    cuts: list[str] = []
    end = len(text)
    while end:
        start = best[end][2]
        cuts.append(text[start:end])
        end = start
    return _join_unknown(tuple(reversed(cuts)))


def _join_unknown(pieces: Phrase) -> Phrase:
    known = vocabulary().chinese
    out: list[str] = []
    open_run = False
    for piece in pieces:
        unknown = piece not in known
        if unknown and open_run:
            out[-1] += piece
        else:
            out.append(piece)
        open_run = unknown
    return tuple(out)
