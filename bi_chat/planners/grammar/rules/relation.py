"""Related rows: "customers without orders", "never sold", "with more than 40 orders", "both A and B"."""

from __future__ import annotations

from bi_chat.planners.grammar.pieces import Piece
from bi_chat.planners.grammar.rules.filters import OPERATORS, negate, noun_before, operator_at
from bi_chat.planners.grammar.scan import Scan
from bi_chat.planners.grammar.sketch import Cond
from bi_chat.semantics.targets import Kind
from bi_chat.values.plan import Fn

TELLS_MORE = ("of", "with", "verb", "contains", "starts", "ends", "that", "missing", "present")
PASSED = "filler any with of how_many in is that for verb deed noun by all yes_no".split()
CLOSES = ("以外的", "之外的")
NAMED_STATE = 0.6  # a value, metric or flag of that name says it better
DERIVED = 0.88  # a verb that only shares its stem with a name ("ordered"), or a date's event


def never(scan: Scan) -> bool:
    """ "never ordered", "without any order", "do not have an e-mail": absence of rows or of a value."""
    last = scan.sketch.conditions[-1] if scan.sketch.conditions else None
    if scan.word(0, "except") and scan.pieces[scan.at].text.replace(" ", "") in CLOSES and last and last.negated:
        return scan.advance()  # 除了保养以外的工单: said twice
    idle = scan.word(0, "nothing") and scan.word(-1, "verb", "deed")
    if not (idle or scan.word(0, "never", "without", "not", "except")) or scan.noun():
        return False
    if scan.word(0, "not", "except") and operator_at(scan, 1):
        return False
    if scan.word(0, "except") and _possessive(scan):
        scan.sketch.unused.append(scan.pieces[scan.at])  # "other than the customer's own": no plan compares them
        return scan.advance()
    ahead = _absent_at(scan)
    noun, value = scan.noun(ahead), scan.value(ahead)
    if noun is not None and _described(scan, ahead):
        scan.sketch.conditions.append(Cond("relation", scan.at, None, negated=True))
        return scan.advance(ahead)
    done = idle or scan.word(0, "deed") or any(scan.word(i, "verb", "deed") for i in range(1, ahead))
    if noun is None and value is None and done:
        scan.sketch.conditions.append(Cond("relation", scan.at, None, negated=True))
        return scan.advance(ahead)
    if noun is None or value is not None:
        if value is None and scan.word(0, "never", "without"):
            scan.sketch.flags["never"] = scan.at
        scan.negated = "except" if scan.word(0, "except", "without", "not") else "never"
        return scan.advance()
    kinds = {h.target.kind for h in noun.hits if h.score >= noun.hits[0].score - 0.2}
    follows_value = (
        scan.value(ahead + 1) is not None
        or (scan.word(ahead + 1, "of") and scan.value(ahead + 2) is not None)
        or scan.word(ahead + 1, "is", "eq")
        or operator_at(scan, ahead + 1)
    )
    if follows_value:
        scan.negated, scan.absent = "except", Kind.DATASET in kinds
        return scan.advance(ahead)
    missing = Kind.DATASET not in kinds and Kind.FIELD in kinds
    cond = Cond("null", scan.at, noun) if missing else Cond("relation", scan.at, noun, negated=True)
    scan.sketch.conditions.append(cond)
    scan.last_noun = noun
    return scan.advance(ahead + 1)


def deed(scan: Scan) -> bool:
    """ "customers who bought in May", "bought nothing", "下过单的客户": what was done, where no object is named."""
    thing = scan.noun()
    named = thing is not None and thing.hits[0].score > DERIVED
    if not scan.word(0, "deed") or (named and not (_rows(thing) and operator_at(scan, 1))):
        return False
    if thing is not None and thing.hits[0].how == "event" and scan.word(-1, "is"):
        return False  # "books were borrowed": the date says it
    rows = {h.target.dataset for m in scan.sketch.mentions for h in m.piece.of(Kind.DATASET)[:1]}
    if thing is not None and any(h.target.key in scan.times and h.target.dataset in rows for h in thing.hits):
        return False  # "rentals booked in May": a date of theirs
    ahead = 1
    while scan.word(ahead, "filler", "any", "noun"):
        ahead += 1
    nothing = scan.word(ahead, "nothing")
    described = _described_later(scan)
    scan.sketch.flags.setdefault("deed", scan.at)
    counted = operator_at(scan, 1) is not None or scan.word(1, "most", "least")
    object_follows = not described and not nothing and bool(scan.noun(ahead) or scan.could_be_value(ahead))
    if counted or object_follows:
        return scan.advance()
    if described or (scan.sketch.mentions and all(_rows(m.piece) for m in scan.sketch.mentions)):
        said = Cond("relation", scan.at, None, negated=nothing or bool(scan.negated))
        scan.sketch.conditions.append(said)
        scan.negated = ""
    return scan.advance(ahead + 1 if nothing else ahead)


def _described_later(scan: Scan) -> bool:
    """ "上月买过而本月没买的会员": the next noun is the one whose deeds are told."""
    for ahead in range(1, len(scan.pieces) - scan.at):
        if scan.noun(ahead) is not None:
            return scan.pieces[scan.at + ahead - 1].text == "的" and _rows(scan.noun(ahead))
        if scan.value(ahead) is not None:
            return False
    return False


def _possessive(scan: Scan) -> bool:
    """Whether the next noun owns another ("the customer's home store")."""
    ahead = 1
    while scan.word(ahead, "filler") and scan.noun(ahead) is None:
        ahead += 1
    after = scan.piece(ahead + 1)
    return scan.noun(ahead) is not None and after is not None and after.text.lower() in ("'s", "s", "’s")


def _rows(piece: Piece | None) -> bool:
    """Whether a noun names rows before anything else."""
    return piece is not None and bool(piece.hits) and piece.hits[0].target.kind is Kind.DATASET


def _absent_at(scan: Scan) -> int:
    """How far ahead stands what is absent."""
    ahead = 1
    while scan.word(ahead, *PASSED) and scan.noun(ahead) is None:
        ahead += 1
    return ahead + _described_rows(scan, ahead)


def _described_rows(scan: Scan, ahead: int) -> int:
    """1 where a participle stands before the rows that are absent: "any registered members"."""
    told, rows = scan.noun(ahead), scan.noun(ahead + 1)
    if told is None or rows is None or told.hits[0].how != "part" or not told.text.lower().endswith("ed"):
        return 0
    return int(rows.hits[0].target.kind is Kind.DATASET)


def _described(scan: Scan, ahead: int) -> bool:
    """ "从没下过单的客户": the verb ends the clause, the noun after it is the one described."""
    passed = [scan.pieces[scan.at + i] for i in range(0 if scan.word(0, "deed") else 1, ahead)]
    return any(p.word("verb", "deed") for p in passed) and bool(passed) and passed[-1].text == "的"


def missing(scan: Scan) -> bool:
    """ "brand is missing", "with unknown status"."""
    if not scan.word(0, "missing", "present") or scan.noun():
        return False
    negated = scan.word(0, "present")
    noun = scan.noun(1) or scan.last_noun
    if noun is None:
        return False
    scan.sketch.conditions.append(Cond("null", scan.at, noun, negated=negated))
    _drop_mention(scan, noun)
    return scan.advance(2 if scan.noun(1) else 1)


def _drop_mention(scan: Scan, noun: Piece) -> None:
    if scan.sketch.mentions and scan.sketch.mentions[-1].piece is noun and len(scan.sketch.mentions) > 1:
        scan.sketch.mentions.pop()


def amount_of_rows(scan: Scan) -> bool:
    """ "more than 40 orders", "at least 2 pets", "made more than 300k revenue"."""
    found = operator_at(scan, 0)
    if found is None:
        return False
    op, hint, used = found
    piece = scan.piece(used)
    if piece is None or piece.amount is None or (piece.period and piece.period.specific):
        return False
    if _judges_number_before(scan):
        return False
    ahead = used + 1
    while scan.word(ahead, "filler") and scan.word(ahead + 1, "ge", "le"):
        ahead += 1
    if scan.word(ahead, "ge", "le"):
        op, ahead = OPERATORS[next(t for t in ("ge", "le") if scan.word(ahead, t))], ahead + 1
    while scan.word(ahead, "filler", "distinct", "of"):
        ahead += 1
    noun = scan.noun(ahead)
    if scan.pieces[scan.at + ahead - 1].text == "的" and "deed" in scan.sketch.flags:
        return False  # 购买超过5次的会员: the noun is described, not counted
    if noun is None or piece.amount.unit == "%":
        return False
    best = noun.hits[0].target
    if best.kind is Kind.DATASET and piece.amount.unit and scan.pieces[scan.at + ahead - 1].text == "的":
        return False  # 超过500元的发票: judged by their money
    dataset = noun.of(Kind.DATASET)
    counting = bool(dataset) and dataset[0].score >= noun.hits[0].score - 0.1
    if best.kind is Kind.FIELD and not counting and hint not in ("", "amount"):
        return False
    fns = (Fn.COUNT,) if counting else ()
    cond = Cond("number", scan.at, noun, op=op, hint=hint, amounts=[piece.amount], counting=counting, fns=fns)
    cond.joined_by = scan.joiner
    negate(scan, cond)
    scan.sketch.conditions.append(cond)
    scan.last_noun, scan.joiner = noun, "and"
    return scan.advance(ahead + 1)


def _judges_number_before(scan: Scan) -> bool:
    """ "salary more than 5000": the comparison is about the number that was just named."""
    before = noun_before(scan)
    if before is None or not (scan.is_number(before) or before.of(Kind.METRIC)):
        return False
    return not (scan.word(-1, "with") or scan.word(0, "with"))


def number_of(scan: Scan) -> bool:
    """ "whose number of employees is above 10": the count before its comparison."""
    if not scan.word(0, "how_many"):
        return False
    counted = scan.noun(1)
    ahead = 2 if counted is not None else 1
    while scan.word(ahead, "is", "filler", "of"):
        ahead += 1
    found = operator_at(scan, ahead)
    if found is None:
        return False
    op, hint, used = found
    piece = scan.piece(ahead + used)
    if piece is None or piece.amount is None:
        return False
    noun = counted or next((m.piece for m in reversed(scan.sketch.mentions) if m.piece.of(Kind.DATASET)), None)
    if noun is None:
        return False
    scan.sketch.conditions.append(
        Cond("number", scan.at, noun, op=op, hint=hint, amounts=[piece.amount], counting=True, fns=(Fn.COUNT,))
    )
    return scan.advance(ahead + used + 1)


def with_rows(scan: Scan) -> bool:
    """ "orders with a promotion", "customers with an email": rows that have a related row, or a value."""
    rows = next((m.piece for m in reversed(scan.sketch.mentions) if m.piece.of(Kind.DATASET)), None)
    if not scan.word(0, "with") or scan.noun() or (scan.last_noun is not rows and "share" not in _said(scan)):
        return False
    ahead = 1
    while scan.word(ahead, "filler", "any"):
        ahead += 1
    noun = scan.noun(ahead)
    if rows is None or noun is None or scan.noun(ahead + 1) or operator_at(scan, ahead + 1):
        return False
    if scan.could_be_value(ahead + 1) is not None or scan.word(ahead + 1, *TELLS_MORE):
        return False
    one = any(scan.pieces[scan.at + i].text.lower() in ("a", "an", "any") for i in range(1, ahead))
    if noun.hits[0].target.kind is Kind.DATASET:
        scan.sketch.conditions.append(Cond("relation", scan.at, noun, negated=False))
    elif (one and noun.hits[0].target.kind is Kind.FIELD and not scan.is_number(noun)) or _is_flag(scan, noun):
        scan.sketch.conditions.append(Cond("null", scan.at, noun, negated=True))
    else:
        return False
    scan.last_noun = noun
    return scan.advance(ahead + 1)


def _is_flag(scan: Scan, noun: Piece) -> bool:
    """ "who have the app" over a field has_app."""
    return noun.hits[0].target.key in scan.flags


def _said(scan: Scan) -> set[str]:
    """The calculations asked for so far."""
    return {c.kind for c in scan.sketch.calculations}


def both(scan: Scan) -> bool:
    """ "both A and B": two conditions that one row can't meet must each be met by some related row."""
    if not scan.word(0, "both") or scan.noun():
        return False
    scan.sketch.both = True
    return scan.advance()


def going_on(scan: Scan) -> bool:
    """ "open tickets", "still in use": rows that are not over, where no value of the data says so."""
    piece = scan.piece()
    if piece is None or not scan.word(0, "going_on") or any(h.score >= NAMED_STATE for h in piece.hits):
        return False
    scan.sketch.conditions.append(Cond("open", scan.at, negated=bool(scan.negated)))
    scan.negated = ""
    return scan.advance()


def overdue(scan: Scan) -> bool:
    """ "overdue invoices": what was due and is not done, where no value or name of the data says so."""
    piece = scan.piece()
    if piece is None or not scan.word(0, "overdue") or any(h.score >= NAMED_STATE for h in piece.hits):
        return False
    scan.sketch.conditions.append(Cond("overdue", scan.at, negated=bool(scan.negated)))
    scan.negated = ""
    return scan.advance()


def did(scan: Scan) -> bool:
    """ "guests who booked in 2024": a verb that rows are called by, after the people: they have such rows."""
    piece = scan.piece()
    if piece is None or not piece.text.lower().endswith("ed") or operator_at(scan, 1) or scan.noun(1):
        return False
    rows = {h.target.dataset for h in piece.of(Kind.DATASET)}
    events = {h.target.dataset for h in piece.of(Kind.FIELD) if h.how == "event"}
    doers = [m.piece for m in scan.sketch.mentions if m.piece.of(Kind.DATASET)]
    if not rows & events or not doers or doers[-1].of(Kind.DATASET)[0].target.dataset in rows:
        return False
    scan.sketch.conditions.append(Cond("relation", scan.at, piece, negated=bool(scan.negated)))
    scan.negated, scan.last_noun = "", None
    return scan.advance()


def unset(scan: Scan) -> bool:
    """ "inactive brokers", "non-smoking rooms": a yes-or-no field that is said not to be so."""
    flagged = scan.noun(1)
    if scan.word(0, "ne") and flagged is not None and flagged.hits[0].target.key in scan.flags:
        scan.sketch.conditions.append(Cond("null", scan.at, flagged))  # 不是会员的
        return scan.advance(2)
    piece = scan.piece()
    best = piece.hits[0] if piece is not None and piece.hits else None
    if piece is None or best is None or best.how != "event" or best.target.key not in scan.flags:
        return False
    text = piece.text.lower()
    if not any(text.startswith(no) and not best.target.field.lower().startswith(no) for no in ("in", "un", "non")):
        return False
    scan.sketch.conditions.append(Cond("null", scan.at, piece, negated=bool(scan.negated)))
    scan.negated = ""
    return scan.advance()


def undone(scan: Scan) -> bool:
    """ "unpaid invoices", "unshipped": the date of what was not done is not there."""
    piece = scan.piece()
    text = piece.text.lower() if piece is not None else ""
    if piece is None or not text.startswith("un") or len(text) < 6:
        return False
    dates = [h.target for h in piece.of(Kind.FIELD) if h.target.key in scan.times]
    if not any(text[2:6] in d.field.lower() for d in dates) or piece.of(Kind.VALUE):
        return False
    scan.sketch.conditions.append(Cond("null", scan.at, piece, negated=bool(scan.negated)))
    scan.negated = ""
    return scan.advance()


RELATION_RULES = (
    going_on,
    overdue,
    unset,
    undone,
    did,
    both,
    number_of,
    amount_of_rows,
    missing,
    never,
    with_rows,
    deed,
)
