"""In: a statement's text. Out: the same text, offset for offset, without comments and last semicolon; or a Refusal.

Two parsers can only disagree about a text if they cut it into words differently. Comments, exotic white space and
control characters are where they do; so none of them is left before anything parses. The blanked text is what is
checked and what runs: a mistake of this scanner could change what is asked, never what is let through.
"""

from __future__ import annotations

import re
import unicodedata

from bi_chat.sql.guard.refusal import Refusal

MAX_LENGTH = 20_000

# Letters, marks and numbers of any script; U+2028 and the like are Z, U+200B is Cf, a full-width comma is Po.
_WORD_CATEGORIES = frozenset("LMN")
_PLAIN = re.compile(r"[\n\t\r\x20-\x23\x25-\x7e]*\Z")
_PIECE = re.compile(
    r"""
    (?P<escaped>(?<![\w$])[eE]'(?:[^'\\]|''|\\.)*')   # E'…': a backslash may hide a quote
  | (?P<text>'(?:[^']|'')*')
  | (?P<name>"(?:[^"]|"")*")
  | (?P<dollar>(?<![\w$])\$(?P<tag>[A-Za-z_]*)\$.*?\$(?P=tag)\$)
  | (?P<line>--[^\n\r]*)
  | (?P<block>/\*.*?\*/)
  | (?P<open>/\*|['"])
  | (?P<end>;)
    """,
    re.VERBOSE | re.DOTALL,
)


def clean(sql: str) -> str:
    """The statement with comments and a trailing semicolon blanked out; every offset stays."""
    if len(sql) > MAX_LENGTH:
        raise Refusal(f"The statement has {len(sql):,} characters; at most {MAX_LENGTH:,} are read.")
    parts: list[str] = []
    ends: list[int] = []
    at = 0
    for found in _PIECE.finditer(sql):
        _check_words(sql[at : found.start()], at)
        parts += (sql[at : found.start()], _kept(found, ends))
        at = found.end()
    _check_words(sql[at:], at)
    text = "".join((*parts, sql[at:]))
    if ends and text[ends[0] :].strip():
        raise Refusal(
            "Only one statement is run at a time.",
            advice="Remove what follows the semicolon.",
            span=(ends[0], len(text.rstrip())),
        )
    if not text.strip():
        raise Refusal("There is no statement here.", advice="Write a SELECT.")
    return text


def _kept(found: re.Match[str], ends: list[int]) -> str:
    piece = found.group()
    match found.lastgroup:
        case "open":
            raise Refusal("A quote or comment is opened and never closed.", span=found.span())
        case "block" if "/*" in piece[2:]:
            raise Refusal("A comment inside a comment is refused.", advice="Remove the comments.", span=found.span())
        case "escaped" | "text" if "\\'" in piece and _after_e(found):
            raise Refusal("A backslash before a quote is refused.", advice="Write '' for a quote.", span=found.span())
        case "line" | "block":
            return " " * len(piece)
        case "end":
            ends.append(found.start())
            return " "
        case _:
            _check_quoted(piece, found.start())
            return piece


def _after_e(found: re.Match[str]) -> bool:
    """Whether an E stands before the quote: in `1e'` some scanners see the start of a text with escapes, some don't."""
    start = found.start()
    return found.group()[0] in "eE" or found.string[max(0, start - 1) : start] in ("e", "E")


def _check_words(text: str, start: int) -> None:
    """Outside quotes: ASCII without $ (parameters, odd quotes), and letters, marks and numbers of any script."""
    if _PLAIN.match(text):
        return
    for offset, char in enumerate(text):
        if _PLAIN.match(char) or unicodedata.category(char)[0] in _WORD_CATEGORIES:
            continue
        name = unicodedata.name(char, f"U+{ord(char):04X}")
        raise Refusal(
            f"The character {name} can't stand outside quotes.",
            advice="Put the name in double quotes, or use a plain space or comma.",
            span=(start + offset, start + offset + 1),
        )


def _check_quoted(piece: str, start: int) -> None:
    """Inside quotes all is data, except NUL (texts end there in C) and halves of a character (not UTF-8)."""
    for offset, char in enumerate(piece):
        if char == "\0" or "\ud800" <= char <= "\udfff":
            at = start + offset
            raise Refusal("The text holds a character that isn't valid.", span=(at, at + 1))
