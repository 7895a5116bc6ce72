"""In: an issue's code and what is known about it. Out: the `Issue` with finished sentences in the asker's language."""

from __future__ import annotations

from bi_chat.narration.pack import knows, say
from bi_chat.values.issue import Issue, IssueCode, Suggestion


def issue(
    code: IssueCode,
    language: str,
    *,
    span: tuple[int, int] | None = None,
    suggestions: tuple[Suggestion, ...] = (),
    **fields: str,
) -> Issue:
    """An issue in words; a part of a sentence whose name is not given is left out. At most three suggestions are kept.

    Names used by the sentences: word, understood, known, left, right, measure, dimension, period, first, last, what,
    reason, seconds.
    """

    def part(name: str) -> str:
        key = f"{code.value}.{name}"
        return say(language, "issues", key, **fields) if knows(language, "issues", key) else ""

    return Issue(
        code, part("problem"), part("understood"), part("exists"), suggestions[:3], span, tuple(fields.items())
    )
