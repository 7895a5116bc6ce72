"""Out: how a figure differs where texts mention something, in values only."""

from __future__ import annotations

from dataclasses import dataclass

from bi_chat.values.query import ResultColumn
from bi_chat.values.scenario import Range


@dataclass(frozen=True, slots=True)
class MentionEffect:
    """`texts` rows mention `name`. Where they do so more than usual (`cells` months of units), the figure is `ratio`
    times what is usual there, for the same base; `inside` is the figure in those cells, `extra` its part beyond usual.

    `surely`: told from chance, however many themes were tried; `ratio` None: there is too little to compare.
    """

    name: str
    texts: int
    cells: int = 0
    ratio: Range | None = None
    inside: float = 0.0
    extra: Range | None = None
    surely: bool = False


@dataclass(frozen=True, slots=True)
class MentionEffects:
    """Effects on `outcome` for the same `base` ('' is the whole month's figure); `unit` names what was compared with
    its own other months ('' where there is only time). `asked`: one word was asked about."""

    outcome: ResultColumn
    base: str
    unit: str
    effects: tuple[MentionEffect, ...]
    asked: bool
    compared: int
