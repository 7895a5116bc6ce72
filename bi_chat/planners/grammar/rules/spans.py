"""Two dates of one row in a condition: "settled within 30 days", "paid 10 days after the due date", "late"."""

from __future__ import annotations

from bi_chat.language.meanings import Amount, Duration, PeriodSaid
from bi_chat.planners.grammar.pieces import Piece
from bi_chat.planners.grammar.rules.filters import NEGATED, OPERATORS
from bi_chat.planners.grammar.scan import Scan
from bi_chat.planners.grammar.sketch import Cond, PeriodMention
from bi_chat.semantics.targets import Kind
from bi_chat.values.period import Grain, Range, Relative

NAMED = 0.6  # a value or name of the data that says it better
SMALL = ("filler", "is", "that", "verb", "with", "in", "not", "of")
SINCE = ("after", "from", "of", "since", "following")
INSIDE = ("内", "以内", "之内")
THEN = ("后", "之后", "以后")
UNITS = (Grain.DAY, Grain.WEEK, Grain.HOUR)


def lasted(scan: Scan) -> bool:
    """ "took longer than 60 days to settle": a comparison and a length of time, with the dates beside it."""
    found = _length_at(scan)
    if found is None:
        return False
    op, length, ahead = found
    if scan.arg(0, "gt") == "age":
        return _older(scan, length, ahead)
    cond = Cond("lasted", scan.at, op=op, hint=length.grain.value, amounts=[Amount(float(length.count))])
    to = _moment(scan, _past(scan, ahead + 1)) if scan.word(ahead, "to") else None
    if _is_han(scan):
        return _lasted_han(scan, cond, ahead)
    since = _moment(scan, _past(scan, ahead + 1)) if _says(scan, ahead, *SINCE, "before") else None
    cond.noun = to or _just_named(scan)
    if since is not None:
        cond.owner, cond.mode = since, "before" if _says(scan, ahead, "before") else ""
    if cond.noun is None and since is not None:
        return False
    if scan.negated:
        cond.op, scan.negated = NEGATED[cond.op], ""
    cond.joined_by, scan.joiner = scan.joiner, "and"
    scan.sketch.conditions.append(cond)
    return scan.advance(_past(scan, ahead + 1) + 1 if to or since else ahead)


def _lasted_han(scan: Scan, cond: Cond, ahead: int) -> bool:
    """ "开票后超过14天才付款", "30天内付款": the beginning stands before 后, the end after the length."""
    after = _past(scan, ahead)
    end = _moment(scan, after)
    if _says(scan, -1, *THEN) and _moment(scan, -2) is not None:
        cond.owner = _moment(scan, -2)
        mentions = scan.sketch.mentions
        if mentions and mentions[-1].piece is cond.owner:
            mentions.pop()
        scan.sketch.unused = [p for p in scan.sketch.unused if p is not scan.piece(-1)]
        scan.sketch.rankings = [r for r in scan.sketch.rankings if r.at != scan.at - 1]  # 后 is no "last"
    cond.noun = end or _just_named(scan)
    scan.sketch.conditions.append(cond)
    return scan.advance(after + 1 if end is not None else ahead)


def _is_han(scan: Scan) -> bool:
    return not scan.pieces[scan.at].text.isascii()


def _length_at(scan: Scan) -> tuple[str, Duration, int] | None:
    """A comparison with a length of time: (operator, length, what stands after it)."""
    ahead = 1
    while scan.word(ahead, "filler"):
        ahead += 1
    piece = scan.piece(ahead)
    tag = next((t for t in OPERATORS if scan.word(0, t)), "")
    op = OPERATORS[tag] if tag else "<=" if _says(scan, 0, "within") else ""
    first = scan.piece(0)
    if first is not None and first.duration is not None and first.period is None and _says(scan, 1, *INSIDE):
        return ("<=", first.duration, 2) if first.duration.grain in UNITS else None  # 30天内
    if not op or piece is None or piece.duration is None or piece.period is not None:
        return None
    return (op, piece.duration, ahead + 1) if piece.duration.grain in UNITS else None


def _older(scan: Scan, length: Duration, ahead: int) -> bool:
    """ "invoices older than 60 days": their own date lies further back."""
    days = length.count * (7 if length.grain is Grain.WEEK else 1)
    if length.grain not in (Grain.DAY, Grain.WEEK):
        return False
    said = PeriodSaid(Range(end=Relative(Grain.DAY, -days), end_inclusive=False))
    scan.sketch.periods.append(PeriodMention(said, scan.at, scan.pieces[scan.at].text))
    return scan.advance(ahead)


def apart(scan: Scan) -> bool:
    """ "paid after the due date", "shipped before it was ordered": one date of a row against another."""
    tag = next((t for t in ("gt", "lt") if scan.word(0, t) and scan.arg(0, t) == "time"), "")
    ahead = _past(scan, 1)
    other = _moment(scan, ahead) if tag else None
    if other is None or _before(scan) is None or _moment(scan, _before(scan) or 0) is None:
        return False
    scan.sketch.conditions.append(Cond("apart", scan.at, _just_named(scan), op=OPERATORS[tag], owner=other))
    return scan.advance(ahead + 1)


def late(scan: Scan) -> bool:
    """ "paid late", "delivered on time": where no value or name of the data says so."""
    piece = scan.piece()
    tag = next((t for t in ("late", "on_time") if scan.word(0, t)), "")
    if piece is None or not tag or any(h.score >= NAMED for h in piece.hits):
        return False
    negated = (tag == "on_time") is not bool(scan.negated)
    named, after = _just_named(scan), _moment(scan, 1)
    if named is None and after is not None and not after.of(Kind.DATASET):
        named = after  # 按时交车率, "on-time delivery rate"
    scan.sketch.conditions.append(Cond("late", scan.at, named, negated=negated))
    scan.negated = ""
    return scan.advance(2 if named is after and named is not None else 1)


def _says(scan: Scan, ahead: int, *words: str) -> bool:
    piece = scan.piece(ahead)
    return piece is not None and piece.text.lower() in words


def _past(scan: Scan, ahead: int) -> int:
    while scan.word(ahead, "filler", "their", "is") and _moment(scan, ahead) is None:
        ahead += 1
    return ahead


def _moment(scan: Scan, ahead: int) -> Piece | None:
    """A piece that names a time of a row."""
    piece = scan.piece(ahead)
    if piece is None or piece.period is not None or (scan.at + ahead) < 0:
        return None
    return piece if any(h.target.key in scan.times and h.score >= 0.4 for h in piece.of(Kind.FIELD)) else None


def _before(scan: Scan) -> int | None:
    """Where the word before stands, small words left out."""
    back = -1
    while scan.at + back >= 0 and scan.word(back, *SMALL) and _moment(scan, back) is None:
        back -= 1
    return back if scan.at + back >= 0 else None


def _just_named(scan: Scan) -> Piece | None:
    """The date said right before; it is no column, and no state either."""
    back = _before(scan)
    piece = _moment(scan, back) if back is not None else None
    if piece is None:
        return None
    mentions, conditions = scan.sketch.mentions, scan.sketch.conditions
    if len(mentions) > 1 and mentions[-1].piece is piece:
        mentions.pop()
    if conditions and conditions[-1].values == [piece]:
        conditions.pop()
    return piece


SPAN_RULES = (lasted, apart, late)
