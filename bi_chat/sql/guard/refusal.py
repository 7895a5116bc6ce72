"""In: what a check found wrong. Out: `Refusal`, raised inside the guard and turned into an `Issue` at its door."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from bi_chat.values.issue import Issue, IssueCode, Suggestion


class Refusal(Exception):
    """One reason to refuse: what is refused, what to do, what exists, and where in the text (characters)."""

    def __init__(
        self,
        problem: str,
        *,
        advice: str = "",
        near: tuple[str, ...] = (),
        span: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.advice = advice
        self.near = near
        self.span = span

    def issue(self) -> Issue:
        """The refusal as the asker sees it."""
        return Issue(
            IssueCode.REFUSED_SQL,
            " ".join(part for part in (self.problem, self.advice) if part),
            exists=f"There is {_listed(self.near)}." if self.near else "",
            suggestions=tuple(Suggestion(name, name) for name in self.near),
            span=self.span,
        )


def near(name: str, names: Iterable[str], *, most: int = 3) -> tuple[str, ...]:
    """At most `most` names that look like `name`, closest first; a few of them where none does."""
    by_lower = {n.lower(): n for n in names}
    close = get_close_matches(name.lower(), by_lower, n=most, cutoff=0.55)
    return tuple(by_lower[c] for c in (close or list(by_lower)[:most]))


def _listed(names: tuple[str, ...]) -> str:
    quoted = [f"'{name}'" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
