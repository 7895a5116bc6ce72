"""Words about people who come back, things that go together, and steps that lead to one another: each sets a flag."""

from __future__ import annotations

from bi_chat.planners.grammar.scan import Scan
from bi_chat.semantics.targets import Kind

NAMED = 0.85
NAMED_STATE = 0.6
FIRST = ("first", "first-time", "first ever", "首次", "第 一 次", "首 单")
BACK = ("new", "returning")


def coming_back(scan: Scan) -> bool:
    """ "retention", "cohorts", "repeat rate": whose lives are told."""
    return any(_flag(scan, tag) for tag in ("retention", "cohort", "repeat_rate"))


def new_or_returning(scan: Scan) -> bool:
    """ "new vs returning customers": a word before the people, or beside the other of the two."""
    tag = next((t for t in BACK if scan.word(0, t)), "")
    if not tag or _is_name(scan, 0):
        return False
    if scan.arg(0, tag) != "people" and not (_people_follow(scan, 1) or _beside_other(scan)):
        return False
    scan.sketch.flags.setdefault(tag, scan.at)
    return scan.advance()


def active(scan: Scan) -> bool:
    """ "active customers", "MAU": where no value or figure of the data is called so."""
    piece = scan.piece()
    after = scan.noun(1)
    people = {h.target.dataset for h in after.of(Kind.DATASET)} if after is not None else set()
    if piece is None or not scan.word(0, "active"):
        return False
    sure = 0.95  # a state of other rows stands as it is said
    states = [h for h in piece.hits if h.score >= sure or not people or h.target.dataset in people]
    if any(h.score >= NAMED_STATE for h in states):
        return False
    if not scan.arg(0, "active") and not _people_follow(scan, 1):
        return False
    scan.sketch.flags.setdefault("active", scan.at)
    return scan.advance()


def together(scan: Scan) -> bool:
    """ "bought together", "pairs of": what stands together."""
    return _flag(scan, "together")


def steps(scan: Scan) -> bool:
    """ "funnel", "conversion rate": steps that lead to one another."""
    return _flag(scan, "funnel") or _flag(scan, "conversion")


def first_deed(scan: Scan) -> bool:
    """ "first order" of a cohort: the word says which of somebody's rows is meant."""
    about = {"retention", "cohort"} & {p.meanings[0].tag for p in scan.pieces if p.word("retention", "cohort")}  # type: ignore[union-attr]
    piece = scan.piece()
    if not about or piece is None or piece.text.lower() not in FIRST or piece.period is not None:
        return False
    return scan.advance()


def _flag(scan: Scan, tag: str) -> bool:
    if not scan.word(0, tag) or _is_name(scan, 0):
        return False
    scan.sketch.flags.setdefault(tag, scan.at)
    return scan.advance()


def _is_name(scan: Scan, ahead: int) -> bool:
    """Whether the model has a thing of just that name: a metric "retention rate" is what it says."""
    piece = scan.piece(ahead)
    if piece is None or scan.noun(ahead) is None:
        return False
    return any(h.score >= NAMED and h.how in ("name", "synonym") for h in piece.of(Kind.METRIC, Kind.FIELD))


def _people_follow(scan: Scan, ahead: int) -> bool:
    noun = scan.noun(ahead)
    return noun is not None and bool(noun.of(Kind.DATASET)) and noun.of(Kind.DATASET)[0].score >= 0.6


def _beside_other(scan: Scan) -> bool:
    near = [scan.piece(i) for i in (-3, -2, -1, 1, 2, 3)]
    return any(p is not None and p.word(*(t for t in BACK if not scan.word(0, t))) for p in near)


LIFECYCLE_RULES = (first_deed, coming_back, new_or_returning, active, together, steps)
