"""Out: a board: pinned questions as plans, never as pictures, with the filters that hold for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bi_chat.values.period import PeriodExpr
from bi_chat.values.plan import In, Plan

EVERYBODY = "*"


@dataclass(frozen=True, slots=True)
class Tile:
    """A pinned answer: its plan is run anew whenever the board is opened, so relative periods move on. `language` is
    the one it speaks; `wide` takes the whole width, `tall` more height."""

    title: str
    plan: Plan
    language: str = "en"
    chart: str = ""
    wide: bool = False
    tall: bool = False


@dataclass(frozen=True, slots=True)
class Board:
    """One person's tiles over one source. `filters` and `period` hold for every tile that they can be applied to.
    `readers` are others who may look at it, each at what they may see of the data themselves; EVERYBODY stands for
    whoever has these data. Times are UTC."""

    id: str
    owner: str
    source: str
    name: str
    tiles: tuple[Tile, ...] = ()
    filters: tuple[In, ...] = ()
    period: PeriodExpr | None = None
    readers: tuple[str, ...] = ()
    changed_at: datetime | None = None
