"""What the rules of the grammar fill in: the question's shape, before names are bound to one field each."""

from __future__ import annotations

from dataclasses import dataclass, field

from bi_chat.language.meanings import Amount, GrainSaid, PartSaid, PeriodSaid
from bi_chat.planners.grammar.costs import BlameSaid
from bi_chat.planners.grammar.levers import LeverSaid
from bi_chat.planners.grammar.pieces import Piece
from bi_chat.planners.grammar.spreading import SpreadSaid
from bi_chat.values.period import Grain
from bi_chat.values.plan import Fn


@dataclass(slots=True)
class Mention:
    """A noun of the question and what it is for: select, group, measure, count or subject (whose rows are meant)."""

    piece: Piece
    at: int
    role: str
    fns: tuple[Fn, ...] = ()
    distinct: bool = False
    argument: float | None = None
    owner: Piece | None = None
    role_word: Piece | None = None
    each: GrainSaid | None = None


@dataclass(slots=True)
class PeriodMention:
    """A period, with the word before it that may name its time field ("shipped last week")."""

    said: PeriodSaid
    at: int
    text: str
    event: Piece | None = None
    negated: bool = False
    baseline: bool = False


@dataclass(slots=True)
class Cond:
    """A condition. kind: value, number, between, text, null, relation, average, superlative_value."""

    kind: str
    at: int
    noun: Piece | None = None
    values: list[Piece] = field(default_factory=list)
    op: str = "="
    hint: str = ""
    amounts: list[Amount] = field(default_factory=list)
    text: str = ""
    mode: str = "contains"
    negated: bool = False
    fns: tuple[Fn, ...] = ()
    counting: bool = False
    joined_by: str = "and"
    strict: bool = False
    periods: list[PeriodMention] = field(default_factory=list)
    owner: Piece | None = None
    inverted: bool = False


@dataclass(slots=True)
class GroupSaid:
    """A grouping: a noun, a grain or a part of a date. `within` makes it the partition of shares and limits."""

    at: int
    noun: Piece | None = None
    grain: GrainSaid | None = None
    part: PartSaid | None = None
    within: bool = False
    owner: Piece | None = None
    width: float | None = None
    role_word: Piece | None = None


@dataclass(slots=True)
class Ranking:
    """Top, bottom, highest, most: `direction` +1 is largest first. `by` is the measure's noun, `counting` its count."""

    at: int
    direction: int
    limit: int | None = None
    noun: Piece | None = None
    by: Mention | None = None
    counting: bool = False
    concept: str = ""
    offset: int = 0
    strict_superlative: bool = False


@dataclass(slots=True)
class OrderSaid:
    """An explicit order ("sorted by age descending")."""

    at: int
    by: Mention | None
    descending: bool | None = None
    time: bool = False
    concept: str = ""


@dataclass(slots=True)
class ElapsedSaid:
    """A length of time from `start` (None: the rows' own time) to `end`; `fn` None: the mean."""

    at: int
    start: Piece | None
    end: Piece
    unit: str
    fn: Fn | None = None
    argument: float | None = None


@dataclass(slots=True)
class CalculationSaid:
    """share, growth, cumulative, rolling, rank; `grain` of the change, `size` of the window."""

    kind: str
    at: int
    grain: Grain | None = None
    size: int = 0
    relative: bool = True


@dataclass(slots=True)
class Sketch:
    """Everything said, in slots. `per` is what a figure is divided by, or grouped by: "revenue per order"."""

    pieces: tuple[Piece, ...] = ()
    intent: str = ""
    mentions: list[Mention] = field(default_factory=list)
    conditions: list[Cond] = field(default_factory=list)
    groups: list[GroupSaid] = field(default_factory=list)
    periods: list[PeriodMention] = field(default_factory=list)
    rankings: list[Ranking] = field(default_factory=list)
    orders: list[OrderSaid] = field(default_factory=list)
    calculations: list[CalculationSaid] = field(default_factory=list)
    parts: list[Piece] = field(default_factory=list)
    flags: dict[str, int] = field(default_factory=dict)
    chart: str = ""
    distinct: bool = False
    versus: bool = False
    both: bool = False
    width: float | None = None
    horizon: tuple[int, Grain] | None = None
    axis: str = ""
    dropped: list[Piece] = field(default_factory=list)
    unused: list[Piece] = field(default_factory=list)
    limit: int | None = None
    elapsed: ElapsedSaid | None = None
    per: GroupSaid | None = None
    lever: LeverSaid | None = None
    advice: str | None = None
    look_back: bool = False
    spread: SpreadSaid | None = None
    blame: BlameSaid | None = None
    beside: tuple[Piece, ...] = ()

    @property
    def asks_anew(self) -> bool:
        """Whether a kind of question was taken out that no earlier plan is edited into."""
        return self.look_back or self.spread is not None or self.blame is not None
