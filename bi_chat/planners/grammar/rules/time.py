"""Periods and grains: when, and how finely cut."""

from __future__ import annotations

from bi_chat.language.meanings import PeriodSaid
from bi_chat.planners.grammar.pieces import Piece
from bi_chat.planners.grammar.scan import Scan
from bi_chat.planners.grammar.sketch import GroupSaid, PeriodMention
from bi_chat.semantics.targets import Kind
from bi_chat.values.period import Earlier, Range
from bi_chat.values.plan import Fn


def period(scan: Scan) -> bool:
    """ "last quarter", "shipped in May 2025"; a bare year number only where no amount is expected."""
    piece = scan.piece()
    if piece is None or piece.period is None:
        return False
    if not piece.period.specific and (_wants_amount(scan) or scan.could_be_value() or piece.grain or piece.part):
        return False
    said = piece.period
    if scan.sketch.versus or (scan.sketch.periods and scan.word(-1, "versus", "and")):
        earlier = [m for m in piece.meanings if isinstance(m, PeriodSaid) and isinstance(m.expr, Earlier)]
        said = earlier[0] if earlier and scan.sketch.periods else said
    event = _happened(scan) or (scan.last_noun if scan.last_noun and _adjacent(scan) else None)
    scan.sketch.periods.append(
        PeriodMention(
            said,
            scan.at,
            piece.text,
            event,
            negated=scan.negated == "except",
            baseline=scan.sketch.versus and bool(scan.sketch.periods) and _just_after_versus(scan),
        )
    )
    scan.negated = ""
    return scan.advance()


def _adjacent(scan: Scan) -> bool:
    """Whether only small words stand between the last noun and here."""
    return scan.last_noun is not None and _before(scan) is scan.last_noun


def _before(scan: Scan) -> Piece | None:
    i = scan.at - 1
    while i >= 0 and scan.pieces[i].word("in", "filler", "is", "of", "for", "with", "that", "to", "from", "only"):
        i -= 1
    return scan.pieces[i] if i >= 0 else None


def _happened(scan: Scan) -> Piece | None:
    """ "orders shipped in May": a state right before a period is what happened then, where the rows tell when."""
    conditions, piece = scan.sketch.conditions, _before(scan)
    last = conditions[-1] if conditions else None
    if piece is None or last is None or last.kind != "value" or last.values != [piece]:
        return None
    if last.noun is not None or last.negated or last.inverted or last.joined_by == "or":
        return None
    state = piece.of(Kind.VALUE)[0].target if piece.of(Kind.VALUE) else None
    dates = [h for h in piece.of(Kind.FIELD) if h.how == "event" and h.target.key in scan.times]
    if state is None or all(h.target.dataset != state.dataset for h in dates):
        return None
    conditions.pop()  # the date alone says it: what was paid in May and refunded since was paid in May
    return piece


def _just_after_versus(scan: Scan) -> bool:
    i = scan.at - 1
    while i >= 0 and (scan.pieces[i].word("in", "filler", "for", "of", "only") or scan.pieces[i].unexplained):
        i -= 1
    return i >= 0 and scan.pieces[i].word("versus", "yoy", "change", "compare") is not None


def _wants_amount(scan: Scan) -> bool:
    return scan.word(-1, "gt", "lt", "ge", "le", "between", "eq", "top", "bottom", "highest", "lowest")


def grain(scan: Scan) -> bool:
    """ "monthly", "by week"; a bare "month" only after by, per or each."""
    piece = scan.piece()
    if piece is None or (piece.grain is None and piece.part is None):
        return False
    said = piece.grain or piece.part
    assert said is not None
    if _each_of_pending(scan, piece) and scan.pending is not None:
        scan.pending.each = piece.grain
        return scan.advance()
    after_by = scan.word(-1, "by", "and") and bool(scan.sketch.groups or scan.word(-1, "by"))
    asked = scan.piece(-1)
    what = asked is not None and asked.text.lower() in ("what", "which")
    field = any((w := p.word("chart")) is not None and w.arg == "heatmap" for p in scan.pieces)
    wanted = what or field or scan.head_expected or scan.sketch.intent in ("which", "when")
    if said.bare and not after_by and not wanted:
        noun = scan.noun()
        return False if noun else _bare_unit(scan)
    if said.bare and _names_field(scan):
        return False
    grain = None if field and piece.part is not None else piece.grain  # a heatmap is of parts: weekdays, hours
    scan.sketch.groups.append(GroupSaid(scan.at, grain=grain, part=None if grain else piece.part))
    if wanted and said.bare:
        scan.head_expected = False
        scan.sketch.flags["head_time"] = scan.at
    return scan.advance()


def _names_field(scan: Scan) -> bool:
    """Whether "month" or "year" is a column here, and not the date that every row has anyway."""
    noun = scan.noun()
    fields = noun.of(Kind.FIELD) if noun is not None else ()
    if noun is None or not fields or noun.hits[0].score <= 0.9:
        return False
    return any(h.target.key not in scan.times for h in fields if h.score >= fields[0].score - 0.05)


def _each_of_pending(scan: Scan, piece: Piece) -> bool:
    """ "average daily revenue": the grain is what the average goes over."""
    if scan.pending is None or piece.grain is None or piece.grain.bare or Fn.COUNT in scan.pending.fns:
        return False
    return scan.noun(1) is not None and not any(c.kind == "rolling" for c in scan.sketch.calculations)


def _bare_unit(scan: Scan) -> bool:
    """ "in days", "in months": a unit, not a grouping."""
    if scan.word(-1, "in", "of"):
        scan.sketch.flags["unit"] = scan.at
        return scan.advance()
    return False


def only_part(scan: Scan) -> bool:
    """ "on weekends": a filter; two such parts side by side would be groups, which no plan holds: set aside."""
    piece = scan.piece()
    if piece is None or piece.only_part is None or scan.value() is not None:
        return False
    beside = scan.piece(2) if scan.word(1, "and", "or", "versus") else None
    if beside is not None and beside.only_part is not None:
        scan.sketch.unused.extend((piece, beside))
        return scan.advance(3)
    scan.sketch.parts.append(piece)
    return scan.advance()


def either_side(scan: Scan) -> bool:
    """ "before and after May": the time before a moment beside the time after it."""
    piece = scan.piece(2)
    if not (scan.word(0, "lt") and scan.arg(0, "lt") in ("", "time") and scan.word(1, "and", "versus")):
        return False
    after = piece.period.expr if piece is not None and piece.period is not None else None
    if not isinstance(after, Range) or after.start is None or after.end is not None or not after.start_exclusive:
        return False
    before = PeriodSaid(Range(end=after.start, end_inclusive=False))
    scan.sketch.periods.append(PeriodMention(before, scan.at, scan.pieces[scan.at].text, baseline=True))
    scan.sketch.flags.setdefault("compare", scan.at)
    return scan.advance(2)


TIME_RULES = (either_side, only_part, period, grain)
