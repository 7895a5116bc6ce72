"""Out: what is wrong with a model file, as something its author can mend; and the nearest name that exists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

_NEAR = 62.0


@dataclass(frozen=True, slots=True)
class Fault:
    """`line` counts from 1; `suggestion` is a finished sentence or ''."""

    line: int
    problem: str
    suggestion: str = ""
    file: str = ""

    def __str__(self) -> str:
        """One line for a terminal: file:line: problem suggestion."""
        where = f"{self.file}:{self.line}" if self.file else f"line {self.line}"
        return f"{where}: {self.problem}{' ' + self.suggestion if self.suggestion else ''}"


def nearest(word: str, known: Iterable[str]) -> str:
    """ "Did you mean …?" for the most similar known word, '' when none is near."""
    from rapidfuzz import fuzz, process, utils

    choices = list(dict.fromkeys(known))
    found = process.extractOne(
        word, choices, scorer=fuzz.WRatio, processor=utils.default_process, score_cutoff=_NEAR
    ) or process.extractOne(word, choices, scorer=fuzz.ratio, score_cutoff=_NEAR)
    return f"Did you mean {found[0]}?" if found else ""


def listed(names: Iterable[str], most: int = 8) -> str:
    """Names for a sentence, cut after a few."""
    all_names = list(names)
    return ", ".join(all_names[:most]) + (f" and {len(all_names) - most} more" if len(all_names) > most else "")
