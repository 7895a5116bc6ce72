"""In: words as somebody says them. Out: a regular expression that finds them in lower-case text, in usual forms."""

from __future__ import annotations

import re

_SHORT = 3
_WORD = re.compile(r"[a-z0-9]+")


def word_forms(said: str) -> str:
    """ "battery" finds "batteries", "leak" finds "leaking"; '' where nothing is left. Short words stand as they are.

    Only letters, digits and our own marks get into the expression, so nothing said can change what it means.
    """
    words = _WORD.findall(said.lower())
    if not words:
        return ""
    return r"\b" + r"[^a-z0-9]+".join([*words[:-1], _forms(words[-1])]) + r"\b"


def _forms(word: str) -> str:
    if len(word) <= _SHORT:
        return word
    for ending, base in (("ies", "y"), ("ing", ""), ("es", ""), ("s", ""), ("ed", "")):
        if word.endswith(ending) and len(word) - len(ending) + len(base) >= _SHORT and not word.endswith("ss"):
            word = word[: -len(ending)] + base
            break
    if word.endswith("y") and word[-2] not in "aeiou":
        return f"{word[:-1]}(y|ies|ied|ying)"
    if word.endswith("e"):
        return f"{word[:-1]}(e|es|ed|ing)"
    return f"{word}{word[-1]}?(e|es|s|ed|ing)?"
