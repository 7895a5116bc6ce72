"""Conditions on values: "in Germany", "age over 30", "between 50 and 100", "name contains …", "excluding Books"."""

from __future__ import annotations

from bi_chat.planners.grammar.pieces import Piece
from bi_chat.planners.grammar.rules.nouns import leads_rows
from bi_chat.planners.grammar.scan import Scan
from bi_chat.planners.grammar.sketch import Cond
from bi_chat.semantics.forms import is_han
from bi_chat.semantics.naming import split
from bi_chat.semantics.targets import Kind
from bi_chat.values.plan import Fn

OPERATORS = {"gt": ">", "lt": "<", "ge": ">=", "le": "<=", "eq": "=", "ne": "!="}
NEGATED = {">": "<=", "<": ">=", ">=": "<", "<=": ">", "=": "!=", "!=": "="}
TIMES = frozenset("次 笔 条 单 times".split())
SMALL = ("filler", "is", "of", "in", "with", "for", "that", "by")


def operator_at(scan: Scan, ahead: int) -> tuple[str, str, int] | None:
    """A comparison at that place: (operator, hint, ahead of the amount)."""
    while scan.word(ahead, "is", "filler", "with") and not any(scan.word(ahead, t) for t in OPERATORS):
        ahead += 1
    negated = scan.word(ahead, "not")
    if negated:
        ahead += 1
    for tag, op in OPERATORS.items():
        if scan.word(ahead, tag):
            after = ahead + 1
            while scan.word(after, "filler"):
                after += 1
            return NEGATED[op] if negated else op, scan.arg(ahead, tag), after
    piece = scan.piece(ahead)
    after = ahead + 1
    while piece and piece.amount and scan.word(after, "filler"):
        after += 1
    if piece and piece.amount and (scan.word(after, "ge", "le") or scan.arg(after, "lt", "gt") == "age"):
        tag = next(t for t in ("ge", "le", "lt", "gt") if scan.word(after, t))
        return OPERATORS[tag], scan.arg(after, tag), ahead
    return None


def compare(scan: Scan) -> bool:
    """ "salary more than 5000", "older than 30", "5 or more": an operator and a number, with the noun before it."""
    found = operator_at(scan, 0)
    if found is None:
        return False
    op, hint, at = found
    piece = scan.piece(at)
    if piece is None:
        return False
    named = scan.noun(at)
    after = scan.piece(at + 1)
    if named is not None and named.of(Kind.FIELD) and after is not None and after.amount and not after.period:
        _number(scan, Cond("number", scan.at, named, op=op, hint=hint, amounts=[after.amount]))
        return scan.advance(at + 2)
    if piece.amount is None or (piece.period and piece.period.specific and hint == "time"):
        return _compare_value(scan, op, at)
    used = at + 1
    while scan.word(used, "filler") and scan.word(used + 1, "ge", "le", "lt", "gt"):
        used += 1
    if scan.word(used, "ge", "le") or scan.arg(used, "lt", "gt") == "age":
        used += 1
    noun = noun_before(scan)
    if noun is None and scan.noun(used):
        noun, used = scan.noun(used), used + 1
    unit = scan.piece(used)
    times = bool(piece.word("times") or (unit is not None and unit.text in TIMES))
    if times and "deed" in scan.sketch.flags:
        noun = None
    elif times:
        times = bool(noun is not None and noun.of(Kind.DATASET, Kind.METRIC))
    _number(scan, Cond("number", scan.at, noun, op=op, hint=hint, amounts=[piece.amount], counting=times))
    return scan.advance(used)


def negate(scan: Scan, cond: Cond) -> None:
    """ "not … more than 100": the other side, or no row that has it, where rows are judged together."""
    if scan.negated:
        cond.op, cond.inverted, scan.negated = NEGATED[cond.op], True, ""


def _number(scan: Scan, cond: Cond) -> None:
    negate(scan, cond)
    cond.joined_by, scan.joiner = scan.joiner, "and"
    last = scan.sketch.mentions[-1] if scan.sketch.mentions else None
    judged = last is not None and last.fns == (Fn.COUNT,) and cond.amounts[0].unit not in ("", "%")
    if judged:
        pass  # "how many orders were above $100": rows are judged by their money, and then counted
    elif last is not None and last.piece is cond.noun:
        if last.fns:
            cond.fns = last.fns
        if len(scan.sketch.mentions) > 1 or last.fns or last.piece.hits[0].target.kind is not Kind.DATASET:
            scan.sketch.mentions.pop()
    elif scan.pending is not None and scan.pending.fns and cond.noun is not None and Fn.COUNT not in scan.pending.fns:
        cond.fns, scan.pending = scan.pending.fns, None
    scan.sketch.conditions.append(cond)


def _compare_value(scan: Scan, op: str, at: int) -> bool:
    """ "status is not open": the operator before a value."""
    if op not in ("=", "!="):
        return False
    while scan.word(at, *SMALL) and scan.could_be_value(at) is None:
        at += 1
    if scan.could_be_value(at) is None:
        return False
    if op == "!=":
        scan.negated = "except"
    return scan.advance(at)


def noun_before(scan: Scan) -> Piece | None:
    """The noun that a condition right after it is about."""
    i = scan.at - 1
    while (
        i >= 0
        and scan.pieces[i] is not scan.last_noun
        and scan.pieces[i].word(*SMALL, "and", "both", "who", "not", "ne", "eq", "except", "verb", "noun", "their")
    ):
        i -= 1
    if i >= 0 and scan.pieces[i] is scan.last_noun:
        return scan.last_noun
    if scan.joiner == "or" and scan.sketch.conditions:
        return scan.sketch.conditions[-1].noun
    return None


def between(scan: Scan) -> bool:
    """ "priced between 50 and 100"."""
    if not scan.word(0, "between", "from", "in"):
        return False
    low, ahead = scan.piece(1), 2
    if low is None or low.amount is None or (scan.word(0, "in") and not scan.word(2, "to")):
        return False
    while scan.word(ahead, "filler"):
        ahead += 1
    if not scan.word(ahead, "and", "to"):
        return False
    high = scan.piece(ahead + 1)
    if high is None or high.amount is None:
        return False
    noun = noun_before(scan)
    used = ahead + 2
    if noun is None and scan.noun(used):
        noun, used = scan.noun(used), used + 1
    cond = Cond("between", scan.at, noun, amounts=[low.amount, high.amount], negated=bool(scan.negated))
    scan.negated = ""
    last = scan.sketch.mentions[-1] if scan.sketch.mentions else None
    if last is not None and last.piece is noun and (len(scan.sketch.mentions) > 1 or scan.rows_follow()):
        scan.sketch.mentions.pop()
    scan.sketch.conditions.append(cond)
    return scan.advance(used)


def against_average(scan: Scan) -> bool:
    """ "above the average age": compared with the mean over all rows."""
    op = ">" if scan.word(0, "above_average") else "<" if scan.word(0, "below_average") else ""
    if not op:
        return False
    used = 1
    while scan.word(used, "filler", "of", "all", "how_many"):
        used += 1
    noun = scan.noun(used)
    if noun is None:
        noun, used = noun_before(scan), 1
        judged_only(scan, noun)
    else:
        used += 1
    hint = scan.arg(0, "above_average") or scan.arg(0, "below_average")
    scan.sketch.conditions.append(Cond("average", scan.at, noun, op=op, hint=hint))
    return scan.advance(used)


def judged_only(scan: Scan, noun: Piece | None) -> None:
    """ "names of products with a price above the average": the price judges, and is not asked for."""
    mentions = scan.sketch.mentions
    if len(mentions) > 1 and mentions[-1].piece is noun and noun is not None and not noun.of(Kind.DATASET):
        mentions.pop()


def text(scan: Scan) -> bool:
    """ "name contains 'ab'", "starts with A", "mention refund"."""
    mode = next((m for m in ("contains", "starts", "ends") if scan.word(0, m)), "")
    if not mode:
        return False
    used = 1
    while scan.word(used, "filler", "contains", "with"):
        used += 1
    piece = scan.piece(used)
    if piece is None or (mode == "contains" and not piece.quoted and not _free_word(piece, scan)):
        return False
    noun = noun_before(scan) or scan.last_noun
    said = piece.quoted or piece.text
    while not piece.quoted and is_han(said[-1]) and _goes_on(scan, used + 1):
        used += 1
        said += scan.pieces[scan.at + used].text
    scan.sketch.conditions.append(
        Cond("text", scan.at, noun, text=said, mode=mode, negated=bool(scan.negated), joined_by=scan.joiner)
    )
    scan.negated, scan.joiner = "", "and"
    if scan.sketch.mentions and scan.sketch.mentions[-1].piece is noun and len(scan.sketch.mentions) > 1:
        scan.sketch.mentions.pop()
    used += 1
    while scan.word(used, "or") and scan.piece(used + 1) and (scan.piece(used + 1).quoted):  # type: ignore[union-attr]
        scan.sketch.conditions.append(
            Cond("text", scan.at, noun, text=scan.pieces[scan.at + used + 1].quoted, mode=mode, joined_by="or")
        )
        used += 2
    return scan.advance(used)


def _goes_on(scan: Scan, ahead: int) -> bool:
    """Chinese signs that mean nothing else belong to the word before."""
    after = scan.piece(ahead)
    return after is not None and after.unexplained and all(is_han(ch) for ch in after.text)


def _free_word(piece: Piece, scan: Scan) -> bool:
    said = scan.pieces[scan.at].text.replace(" ", "")
    strong = any(w in said for w in ("word", "mention", "提到", "提及", "写到"))
    return strong or (piece.unexplained and scan.last_noun is not None and bool(scan.last_noun.of(Kind.FIELD)))


def value(scan: Scan) -> bool:
    """ "in Germany or France", "Gold customers", "excluding Books": values of some field,
    said or guessed from the value."""
    first = scan.value()
    if first is None:
        return False
    noun = _field_before(scan)
    cond = Cond("value", scan.at, noun, values=[first], negated=bool(scan.negated), joined_by=scan.joiner)
    cond.inverted = bool(scan.negated) and scan.absent
    scan.absent = False
    scan.negated, scan.joiner = "", "and"
    ahead = 1
    while True:
        step = 1
        if scan.word(ahead, "and", "or") and not scan.word(ahead + 1, "not", "except", "never"):
            step = 2
        elif not (scan.value(ahead) and scan.word(ahead - 1, "and", "or")):
            break
        more = scan.value(ahead + step - 1)
        if more is None:
            break
        if scan.word(ahead, "and") and not _united(scan):
            cond.strict = True
        cond.values.append(more)
        ahead += step
    after = scan.noun(ahead)
    if noun is None and after is not None and _names_field_of(after, first):
        cond.noun, ahead = after, ahead + 1
    scan.sketch.conditions.append(cond)
    return scan.advance(ahead)


def _names_field_of(noun: Piece, value: Piece) -> bool:
    """Whether "category" after "Electronics" is just the field of that value."""
    fields = {h.target.key for h in noun.of(Kind.FIELD) if h.score >= 0.4}
    said = noun.text.lower().rstrip("s")
    if any(said in split(h.target.field) for h in value.of(Kind.VALUE)[:5]):
        return True
    return any(h.target.key in fields for h in value.of(Kind.VALUE))


def _field_before(scan: Scan) -> Piece | None:
    noun = noun_before(scan)
    first = scan.piece()
    if noun is None or first is None:
        return None
    if first.quoted and not first.of(Kind.VALUE):
        fits = bool(noun.of(Kind.FIELD))
    else:
        fits = _names_field_of(noun, first)
    if not fits:
        return None
    mentions = scan.sketch.mentions
    if (
        len(mentions) > 1
        and mentions[-1].piece is noun
        and mentions[-1].role in ("select", "subject")
        and not mentions[-1].fns
    ):
        mentions.pop()
    elif (
        mentions
        and mentions[-1].piece is noun
        and scan.sketch.intent == ""
        and mentions[-1].role == "select"
        and len(mentions) == 1
    ):
        scan.sketch.flags["lone_field"] = scan.at
    return noun


def equals_number(scan: Scan) -> bool:
    """ "age is 30", "id 15", "1-star reviews": a bare number beside a field."""
    piece = scan.piece()
    if piece is None or piece.amount is None or piece.amount.ordinal or (piece.period and piece.period.specific):
        return False
    if piece.text.lower() in ("一", "one", "一个") or leads_rows(scan):
        return False
    noun, after = noun_before(scan), scan.noun(1)
    if after is not None and scan.word(-1, "with") and scan.names_number(after):
        scan.sketch.conditions.append(Cond("number", scan.at, after, amounts=[piece.amount], hint="before"))
        return scan.advance(2)  # "flats with two bedrooms": a condition, and no column
    rate = piece.amount.unit == "%" and after is not None and scan.is_number(after)  # "with a 20% commission"
    if noun is None or not noun.of(Kind.FIELD) or rate:
        if after is None or not after.of(Kind.FIELD) or after.hits[0].target.kind is not Kind.FIELD:
            return False
        scan.sketch.conditions.append(Cond("number", scan.at, after, amounts=[piece.amount], hint="before"))
        return scan.advance(2 if rate and scan.sketch.mentions else 1)  # it judges, and is not asked for
    cond = Cond("number", scan.at, noun, amounts=[piece.amount])
    ahead = 1
    while scan.word(ahead, "or", "and") and scan.piece(ahead + 1) and scan.piece(ahead + 1).amount:  # type: ignore[union-attr]
        cond.amounts.append(scan.piece(ahead + 1).amount)  # type: ignore[union-attr, arg-type]
        ahead += 2
    cond.hint = "list"
    _number(scan, cond)
    return scan.advance(ahead)


def stars(scan: Scan) -> bool:
    """ "1-star reviews": the number is the rating."""
    piece = scan.piece()
    ahead = 1
    while scan.piece(ahead) is not None and scan.pieces[scan.at + ahead].text == "-":
        ahead += 1
    if piece is None or piece.amount is None or not scan.word(ahead, "stars"):
        return False
    scan.sketch.conditions.append(Cond("number", scan.at, None, op="=", hint="rating", amounts=[piece.amount]))
    return scan.advance(ahead + 1)


def joiner(scan: Scan) -> bool:
    """ "or" before the next condition; in a union "and" says the same."""
    if scan.noun() is not None:
        return False
    if scan.word(0, "or") or (scan.word(0, "and") and _united(scan)):
        scan.joiner = "or"
        return scan.advance()
    return scan.word(0, "union") and scan.advance()


def _united(scan: Scan) -> bool:
    return any(p.word("union") for p in scan.pieces)


FILTER_RULES = (stars, against_average, between, text, compare, value, equals_number, joiner)
