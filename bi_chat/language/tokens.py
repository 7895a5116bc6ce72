"""In: a text. Out: its tokens, with spans into the text as written.

One Han character is one token, so that spans never hang on a guess at where Chinese words end. Everything else is cut
into words and signs; a number with its sign, separators and suffix ("$1,000", "300k", "2024-05-03", "Q4") stays whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from bi_chat.language.meanings import Token

HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"

# Full-width forms take as many characters as their plain ones, so offsets hold.
_FOLD = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0x2019: 0x27, 0x2018: 0x27}

# atomic: "2020s" must not give up its last digit to become the number 202
_DIGITS = r"(?>(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?)"
_PATTERN = rf"""
  "[^"]*" | “[^”]*” | 「[^」]*」 | 『[^』]*』 | 《[^》]*》 | `[^`]*`
| (?<![\w'])'(?=[^\s'])[^']*(?<=[^\s])'(?![\w'])
| (?<!\w)'\d\d(?!\w) | f?q[1-4](?=') | (?<=q[1-4])'\d\d(?!\w)
| \d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}(?![\d,.]\d) | \d{{1,2}}(?:[./]\d{{1,2}}[./]\d{{4}}|/\d{{1,2}}/\d\d)(?!\d)
| \d{{1,2}}-\d{{1,2}}-\d{{4}}(?!\d)
| \d{{4}}-?w\d{{1,2}}(?![a-z\d]) | \d{{4}}[-/]?q[1-4](?![a-z\d]) | q[1-4][-/]\d{{4}}(?!\d)
| \d{{4}}[-/](?:0[1-9]|1[0-2])(?![-/]?\d) | (?:0?[1-9]|1[0-2])/\d{{4}}(?!\d)
| (?:(?<=\s)|(?<=\()|^)-[$€£¥₹]?{_DIGITS}(?:%|(?:k|m|mn|mm|b|bn|t)(?![a-z\d]))?(?![a-z])
| [$€£¥₹]\ ?{_DIGITS}(?:k|m|mn|mm|b|bn|t)?(?![a-z\d])
| {_DIGITS}(?:%|(?:k|m|mn|mm|b|bn|t|st|nd|rd|th)(?![a-z\d]))
| {_DIGITS}(?![a-z_])
| '(?:s)(?![a-z])
| [{HAN}]
| (?:(?![{HAN}])\w)+(?:'(?!s(?![a-z]))(?:(?![{HAN}])\w)+)?
| \S
"""


class Tokenizer:
    """Cuts text into tokens. `stem` gives the stem of a lower-cased word; it is asked once for each word."""

    def __init__(self, stem: Callable[[str], str]) -> None:
        self._stem = stem
        self._pattern = re.compile(_PATTERN, re.VERBOSE)

    def __call__(self, text: str) -> tuple[Token, ...]:
        """The tokens of a text, left to right."""
        folded = fold(text)
        found = []
        for match in self._pattern.finditer(folded):
            start, end = match.span()
            norm = folded[start:end]
            stem = self._stem(norm) if norm.isalpha() and norm < "\u3000" else norm
            found.append(Token(text[start:end], norm, stem, start, end))
        return tuple(found)


def fold(text: str) -> str:
    """Lower case and plain width, character by character: every offset stays what it was."""
    plain = text.translate(_FOLD)
    lower = plain.lower()
    if len(lower) == len(text):
        return lower
    return "".join(low if len(low := c.lower()) == 1 else c for c in plain)


def is_quoted(token: Token) -> bool:
    """Whether the token is a quotation, quotes included."""
    return len(token.norm) > 1 and token.norm[0] in "\"“「『《'`" and token.norm[-1] in "\"”」』》'`"
