"""Words for figures computed from figures: share, growth, running totals, comparison of two sides."""

from __future__ import annotations

from bi_chat.planners.grammar.scan import Scan
from bi_chat.planners.grammar.sketch import CalculationSaid, GroupSaid
from bi_chat.semantics.targets import Kind
from bi_chat.values.period import Grain

NAMED = 0.85  # a figure or column of that very name
STEPS = {"mom": Grain.MONTH, "qoq": Grain.QUARTER, "wow": Grain.WEEK, "dod": Grain.DAY, "yoy": Grain.YEAR}


def step_change(scan: Scan) -> bool:
    """ "MoM", "year over year": change against the previous such period."""
    tag = next((t for t in STEPS if scan.word(0, t)), "")
    if not tag and not scan.word(0, "prev"):
        return False
    scan.sketch.calculations.append(CalculationSaid("change", scan.at, STEPS[tag] if tag else None))
    return scan.advance()


def growth(scan: Scan) -> bool:
    """ "growth", "grew the most", "dropped": a change, relative unless said otherwise."""
    for tag, direction in (("growth", 0), ("grew", 1), ("fell", -1), ("change", 0)):
        if scan.word(0, tag) and scan.noun() is None:
            scan.sketch.flags.setdefault(tag, scan.at)
            if direction and any(w in scan.pieces[scan.at].text.lower() for w in ("most", "fast", "最")):
                scan.sketch.flags.setdefault("most_changed", scan.at)
            if not any(c.kind == "change" for c in scan.sketch.calculations):
                scan.sketch.calculations.append(
                    CalculationSaid("change", scan.at, None, size=direction, relative=tag != "change")
                )
            return scan.advance()
    return False


def share(scan: Scan) -> bool:
    """ "share of", "percentage of"."""
    if not scan.word(0, "share") or scan.noun():
        return False
    scan.sketch.calculations.append(CalculationSaid("share", scan.at))
    scan.head_expected = False  # "which percentage of accounts": no account is asked for
    return scan.advance()


def rate(scan: Scan) -> bool:
    """ "no-show rate", 退费率: the share of rows that have what was named right before."""
    named = scan.noun()
    if not scan.word(0, "rate") or (named is not None and named.hits[0].score >= NAMED):
        return False
    before = scan.piece(-1)
    last = scan.sketch.conditions[-1] if scan.sketch.conditions else None
    judged = last is not None and before is not None and (before in last.values or last.kind == "late")
    flagged = scan.sketch.mentions and before is not None and scan.sketch.mentions[-1].piece is before
    if not (judged or (flagged and before is not None and before.of(Kind.FIELD) and not scan.is_number(before))):
        return False
    scan.sketch.calculations.append(CalculationSaid("share", scan.at))
    scan.sketch.flags.setdefault("rate", scan.at)
    return scan.advance()


def cumulative(scan: Scan) -> bool:
    """ "cumulative", "running total"."""
    if not scan.word(0, "cumulative") or scan.noun():
        return False
    scan.sketch.calculations.append(CalculationSaid("running", scan.at))
    return scan.advance()


def more_than_then(scan: Scan) -> bool:
    """ "did we sell more in May than in April?": the two periods stand side by side, and show it."""
    later = scan.pieces[scan.at + 1 :]
    if not scan.word(0, "more") or scan.noun() or not any(p.word("versus") for p in later):
        return False
    if sum(p.period is not None for p in scan.pieces) < 2:
        return False
    scan.sketch.flags.setdefault("compare", scan.at)
    return scan.advance()


def versus(scan: Scan) -> bool:
    """ "versus", "compared with": the next period is the baseline; the next value joins the one before."""
    if scan.word(0, "compare") and scan.noun() is None:
        scan.sketch.flags.setdefault("compare", scan.at)
        return scan.advance()
    if not scan.word(0, "versus"):
        return False
    if "chart" in scan.sketch.flags and not scan.sketch.chart and scan.pieces[scan.at].text.lower() == "against":
        scan.sketch.chart = "scatter"
        return scan.advance()
    if _two_states(scan):
        return scan.advance(2)
    scan.sketch.versus = True
    scan.sketch.flags.setdefault("versus", scan.at)
    scan.joiner = "or"
    return scan.advance()


def _two_states(scan: Scan) -> bool:
    """ "value won vs lost", "active vs inactive members": the two sides of a yes-or-no field are groups."""
    mentions, other = scan.sketch.mentions, scan.piece(1)
    flag = mentions[-1].piece if mentions else None
    if flag is None or scan.piece(-1) is not flag or other is None or other.period is not None:
        return False
    if not flag.hits or flag.hits[0].target.key not in scan.flags:
        return False
    if not (other.unexplained or any(h.target.key in scan.flags for h in other.hits)):
        return False
    mentions.pop()
    scan.sketch.groups.append(GroupSaid(scan.at - 1, noun=flag))
    return True


CALCULATION_RULES = (step_change, share, rate, growth, cumulative, more_than_then, versus)
