"""Lengths of time between two moments of a row: "days from picking to packing", 从报名到开课要几天."""

from __future__ import annotations

from bi_chat.planners.grammar.pieces import Piece
from bi_chat.planners.grammar.scan import Scan
from bi_chat.planners.grammar.sketch import ElapsedSaid
from bi_chat.semantics.targets import Kind
from bi_chat.values.plan import Fn

NAMED = 0.4  # a part of a date's name is enough beside a unit of time and another moment
SMALL = ("filler", "their", "show", "noun")


def elapsed(scan: Scan) -> bool:
    """ "days between A and B", "from A to B"; "days to A" begins at the rows' own time."""
    if scan.sketch.elapsed is not None or not _asked_for_time(scan):
        return False
    ahead = _past_small(scan, 1)
    if scan.word(0, "how_long") and (end := _moment(scan, ahead)) is not None and _takes(scan, ahead + 1):
        return _said(scan, None, end, ahead + 2)
    if scan.word(0, "to") and (end := _moment(scan, ahead)) is not None:
        return _said(scan, None, end, ahead + 1)
    start = _moment(scan, ahead)
    if start is None or not scan.word(0, "between", "from", "in"):
        return False
    there = _past_small(scan, ahead + 1)
    if not scan.word(there, "and", "to"):
        return False
    there = _past_small(scan, there + 1)
    end = _moment(scan, there)
    return end is not None and _said(scan, start, end, there + 1)


def _takes(scan: Scan, ahead: int) -> bool:
    """ "how long does delivery take", 配送要多久: the deed alone, from the rows' own time on."""
    piece = scan.piece(ahead)
    return piece is not None and piece.text.lower() in ("take", "took", "takes", "last")


def _asked_for_time(scan: Scan) -> bool:
    return any(p.word("how_long") or _unit(p) for p in scan.pieces)


def _unit(piece: Piece) -> str:
    """The unit a piece names: "in hours", 几天, or a bare "days"."""
    said = piece.word("elapsed_unit")
    if said is not None:
        return said.arg
    return piece.grain.grain.value if piece.grain is not None and piece.grain.bare else ""


def _past_small(scan: Scan, ahead: int) -> int:
    while scan.word(ahead, *SMALL) and _moment(scan, ahead) is None:
        ahead += 1
    return ahead


def _moment(scan: Scan, ahead: int) -> Piece | None:
    """A piece that names a time of a row, or rows that have a time of their own."""
    piece = scan.piece(ahead)
    if piece is None or piece.period is not None:
        return None
    named = any(h.target.key in scan.times and h.score >= NAMED for h in piece.of(Kind.FIELD))
    return piece if named or any(h.score >= 0.9 for h in piece.of(Kind.DATASET)) else None


def _said(scan: Scan, start: Piece | None, end: Piece, used: int) -> bool:
    unit = next((u for p in scan.pieces if (u := _unit(p))), "day")
    fn = scan.pending.fns[0] if scan.pending is not None and Fn.COUNT not in scan.pending.fns else None
    argument = scan.pending.argument if scan.pending is not None else None
    scan.pending = None
    scan.sketch.elapsed = ElapsedSaid(scan.at, start, end, unit, fn, argument)
    return scan.advance(used)


def unit_of_time(scan: Scan) -> bool:
    """The unit and "how long" are used where a length of time was understood; else they are left to other rules."""
    piece = scan.piece()
    if piece is None or not (piece.word("how_long") or _unit(piece)):
        return False
    here = scan.at
    found = scan.sketch.elapsed is not None
    for ahead in range(1, len(scan.pieces) - here):
        scan.at = here + ahead
        probe = None if found else _probe(scan)
        scan.at = here
        if probe:
            found = True
            break
    return found and scan.advance()


def _probe(scan: Scan) -> bool:
    """Whether a length of time is said from here on; nothing is changed."""
    at, pending = scan.at, scan.pending
    said = elapsed(scan)
    scan.sketch.elapsed, scan.at, scan.pending = None, at, pending
    return said


DURATION_RULES = (elapsed, unit_of_time)
