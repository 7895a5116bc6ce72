"""Groupings: "by region and month", "for each customer", "within each country"."""

from __future__ import annotations

from bi_chat.planners.grammar.pieces import Piece
from bi_chat.planners.grammar.rules.nouns import described
from bi_chat.planners.grammar.scan import Scan
from bi_chat.planners.grammar.sketch import GroupSaid, Mention, OrderSaid
from bi_chat.semantics.targets import Kind
from bi_chat.values.plan import Fn

SPENDING = ("spend", "spending", "spent", "purchases", "sales", "消费")


def by_measure(scan: Scan) -> bool:
    """ "top products by revenue", "rank stores by number of orders": by a measure is an order."""
    if not scan.word(0, "by", "order_by"):
        return False
    ahead = 1
    fns: tuple[Fn, ...] = ()
    while scan.word(ahead, "filler", "their"):
        ahead += 1
    counting = scan.word(ahead, "how_many", "distinct_count")
    from bi_chat.planners.grammar.rules.frame import AGGREGATES

    tag = next((t for t in AGGREGATES if scan.word(ahead, t)), "")
    if counting:
        fns = (Fn.COUNT,)
    elif tag:
        fns = (AGGREGATES[tag],)
    ahead += 1 if fns else 0
    while scan.word(ahead, "of", "filler", "distinct"):
        ahead += 1
    ahead += described(scan, ahead)
    noun = scan.noun(ahead)
    after = scan.piece(ahead)
    if noun is None and scan.sketch.rankings and after is not None and after.text.lower() in SPENDING:
        scan.sketch.flags.setdefault("selling", scan.at)  # "best customers by spending"
        return scan.advance(ahead + 1)
    sorts = noun is not None and "sort_request" in scan.sketch.flags and not scan.sketch.orders
    if noun is None or (not fns and not sorts and not _is_measure(scan, noun)):
        return False
    if scan.pieces[scan.at].text.lower().startswith("across") and scan.sketch.mentions:
        return False  # "the spread of fees across active contracts": whose fees
    if not fns and scan.word(0, "per_unit") and noun.of(Kind.METRIC) and not scan.sketch.rankings:
        scan.sketch.unused.extend((scan.pieces[scan.at], noun))  # "cost per litre": a ratio that nothing defines
        return scan.advance(ahead + 1)
    if "distribution" in scan.sketch.flags:
        scan.mention(noun, "select").fns = fns  # "distribution of orders by their value"
        return scan.advance(ahead + 1)
    by = Mention(noun, scan.at, "order", fns)
    scan.last_noun = noun
    waiting = next((r for r in scan.sketch.rankings if r.by is None and not r.counting), None)
    if waiting is not None:
        waiting.by = by
        waiting.counting = counting
    else:
        scan.sketch.orders.append(OrderSaid(scan.at, by))
    return scan.advance(ahead + 1)


def by_number_of(scan: Scan) -> bool:
    """ "average rent by number of bedrooms": beside a figure, a column that holds how many makes groups."""
    noun = scan.noun(2)
    if not scan.word(0, "by") or not scan.word(1, "how_many") or noun is None or not scan.names_number(noun):
        return False
    figure = any(m.fns or (m.piece.hits and m.piece.hits[0].target.kind is Kind.METRIC) for m in scan.sketch.mentions)
    if not figure or scan.sketch.rankings:
        return False
    scan.sketch.groups.append(GroupSaid(scan.at + 2, noun=noun))
    scan.last_noun = noun
    return scan.advance(3)


def by_rows(scan: Scan) -> bool:
    """ "top 3 members by visits": rows in the plural, of another table than what is ranked, are counted."""
    noun = scan.noun(1)
    waiting = next((r for r in scan.sketch.rankings if r.by is None and r.noun is not None and not r.counting), None)
    rows = noun.of(Kind.DATASET) if noun is not None else ()
    if noun is None or waiting is None or waiting.noun is None or not rows or not noun.text.lower().endswith("s"):
        return False
    ranked = {h.target.dataset for h in waiting.noun.of(Kind.DATASET)}
    sure = all(h.score <= rows[0].score - 0.05 for h in noun.of(Kind.METRIC, Kind.FIELD))
    if not sure or rows[0].target.dataset in ranked or scan.pieces[scan.at].text.lower() != "by":
        return False
    waiting.by, waiting.counting = Mention(noun, scan.at, "order", (Fn.COUNT,)), True
    return scan.advance(2)


def _is_measure(scan: Scan, noun: Piece) -> bool:
    best = noun.hits[0]
    if best.target.kind is Kind.METRIC:
        return bool(scan.sketch.rankings or scan.word(0, "order_by")) or not _only_groups(scan)
    return bool(scan.sketch.rankings) and best.target.kind is Kind.FIELD and scan.is_number(noun)


def _only_groups(scan: Scan) -> bool:
    return False


def per_number(scan: Scan) -> bool:
    """ "takings per seat": a figure divided by a number that each group has."""
    ahead = 1
    while scan.word(ahead, "filler"):
        ahead += 1
    noun = scan.noun(ahead)
    if not scan.word(0, "per_unit") or noun is None or not scan.is_number(noun) or noun.of(Kind.METRIC):
        return False
    numbers, rows = noun.of(Kind.FIELD), noun.of(Kind.DATASET)
    if not scan.sketch.mentions or (rows and rows[0].score > numbers[0].score - 0.05):
        return False
    scan.mention(noun, "measure").fns = (Fn.SUM,)
    scan.sketch.flags["ratio"] = scan.at
    return scan.advance(ahead + 1)


def per_rows(scan: Scan) -> bool:
    """ "revenue per order": rows that a figure is divided by, or, where it can't be, grouped by."""
    noun = scan.noun(1)
    if not scan.word(0, "per_unit") or noun is None or scan.sketch.per is not None or scan.owns_next(1):
        return False
    named = scan.sketch.mentions or scan.sketch.rankings
    averaged = any(Fn.AVG in m.fns for m in scan.sketch.mentions)
    rows = noun.of(Kind.DATASET)
    if not named or averaged or not rows or rows[0].score < noun.hits[0].score - 0.1 or scan.word(2, "and"):
        return False
    scan.sketch.per = GroupSaid(scan.at, noun=noun)
    scan.last_noun = noun
    return scan.advance(2)


def group(scan: Scan) -> bool:
    """ "by region", "per customer and year", "for each store"."""
    within = scan.word(0, "within_group") and scan.arg(0, "within_group") != "post"
    if not (scan.word(0, "by", "per_unit") or (scan.word(0, "within_group") and (scan.noun(1) or scan.word(1, "by")))):
        return False
    if scan.pieces[scan.at].text.lower() == "by" and (_done_by(scan) or _named_by(scan)):
        return scan.advance()
    ahead = 1
    while scan.word(ahead, "filler", "distinct", "by", "all", "individual"):
        ahead += 1
    found = 0
    while True:
        piece = scan.piece(ahead)
        role_word = None
        if piece and (after := _past_role(scan, ahead)):
            role_word, ahead = piece, after
            piece = scan.piece(ahead)
        owner = scan.noun(ahead) if scan.owns_next(ahead) else None
        ahead += 1 if owner is not None else 0
        made = _grouping(scan, ahead, within)
        if piece is None or made is None:
            break
        made.role_word, made.owner = role_word or made.role_word, owner
        scan.sketch.groups.append(made)
        found += 1
        ahead += 1 + _cut(scan, ahead + 1, made)
        if not (scan.word(ahead, "and") and _grouping(scan, ahead + 1, within, peek=True)):
            break
        if scan.word(ahead + 2, *_VERBISH) and found:
            break
        ahead += 1
    if not found:
        return False
    if scan.arg(0, "within_group") == "post" and len(scan.sketch.groups) > found:
        scan.sketch.groups[-found - 1].within = True
    ahead += _with_field(scan, ahead)
    if scan.word(ahead, "ascending", "descending"):
        _as_order(scan, found)
    return scan.advance(ahead)


def _as_order(scan: Scan, found: int) -> None:
    """ "by age descending": what looked like groups is an order."""
    said = scan.sketch.groups[-found:]
    if all(g.noun for g in said):
        del scan.sketch.groups[-found:]
        scan.sketch.orders.extend(OrderSaid(scan.at, Mention(g.noun, scan.at, "order")) for g in said if g.noun)


def _past_role(scan: Scan, ahead: int) -> int:
    """ "home store", "the reporter's role": where the noun stands that a role's word belongs to; 0 where it is none."""
    piece = scan.piece(ahead)
    if piece is None or not piece.of(Kind.ROLE):
        return 0
    owned = scan.piece(ahead + 1)
    if owned is not None and owned.text.lower() in ("'s", "s", "’s") and scan.noun(ahead + 2):
        return ahead + 2
    return ahead + 1 if not scan.noun(ahead) and scan.noun(ahead + 1) else 0


def _with_field(scan: Scan, ahead: int) -> int:
    """ "for each store region": the field right after its table's name is what is meant; 1 where there is one."""
    last, noun = scan.sketch.groups[-1], scan.noun(ahead)
    said = last.noun
    if said is None or noun is None or said.hits[0].target.kind is not Kind.DATASET:
        return 0
    own = [h for h in noun.of(Kind.FIELD) if h.target.dataset == said.hits[0].target.dataset and h.how != "part"]
    if not own or own[0].score < noun.hits[0].score - 0.1 or scan.is_number(noun):
        return 0
    last.owner, last.noun, scan.last_noun = said, noun, noun
    return 1


def _done_by(scan: Scan) -> bool:
    """ "mountains climbed by climbers": who did it, not a grouping."""
    before, after = scan.piece(-1), scan.noun(1) or scan.noun(2)
    if before is None or after is None or after.hits[0].target.kind is not Kind.DATASET:
        return False
    text = before.text.lower()
    if any(h.score >= 0.9 for h in before.of(Kind.VALUE)):
        return False  # "payments that were refunded, by tariff": a value, and no deed
    return text.endswith(("ed", "en")) and (
        before.unexplained or before.word("verb") is not None or not before.of(Kind.DATASET, Kind.METRIC)
    )


def _named_by(scan: Scan) -> bool:
    """ "made by the company named X": the noun says whose the value after it is."""
    ahead = 1
    while scan.word(ahead, "filler"):
        ahead += 1
    noun = scan.noun(ahead)
    after = ahead + 1
    while scan.word(after, "filler", "verb", "is", "with"):
        after += 1
    value = scan.value(after)
    return noun is not None and value is not None and not scan.word(after - 1, "and") and _fits(noun, value)


def _fits(noun: Piece, value: Piece) -> bool:
    """Whether a value may be one of the noun's."""
    if value.quoted and not value.of(Kind.VALUE):
        return True
    own = {h.target.key for h in noun.of(Kind.FIELD)}
    rows = {h.target.dataset for h in noun.of(Kind.DATASET)}
    return any(h.target.key in own or h.target.dataset in rows for h in value.of(Kind.VALUE))


def _cut(scan: Scan, ahead: int, said: GroupSaid) -> int:
    """ "by arrival month": the unit right after a date says how finely it is cut; 1 where there is one."""
    unit = scan.piece(ahead)
    dates = said.noun is not None and any(h.target.key in scan.times for h in said.noun.of(Kind.FIELD)[:2])
    if unit is None or not dates or unit.grain is None or not unit.grain.bare:
        return 0
    said.grain = unit.grain
    return 1


_VERBISH = ("gt", "lt", "ge", "le", "highest", "lowest", "most", "least")


def _grouping(scan: Scan, ahead: int, within: bool, *, peek: bool = False) -> GroupSaid | None:
    piece = scan.piece(ahead)
    if piece is None:
        return None
    at = scan.at + ahead
    noun = scan.noun(ahead)
    if noun is None and piece.of(Kind.ROLE) and piece.of(Kind.ROLE)[0].how != "part":
        if not peek:
            scan.last_noun = piece
        return GroupSaid(at, noun=piece, role_word=piece, within=within)  # "by origin"
    specific = noun is not None and noun.of(Kind.FIELD, Kind.DATASET) and noun.hits[0].score >= 0.9
    owned = noun is not None and noun.hits[0].how == "own" and noun.hits[0].target.key in scan.times
    if (piece.grain or piece.part) and not (specific and not owned and (piece.grain or piece.part).bare):  # type: ignore[union-attr]
        return GroupSaid(at, grain=piece.grain, part=None if piece.grain else piece.part, within=within)
    if noun is None or not noun.of(Kind.FIELD, Kind.DATASET):
        return None
    if not peek:
        scan.last_noun = noun
    return GroupSaid(at, noun=noun, within=within)


def bin_by(scan: Scan) -> bool:
    """ "bin hire_date by weekday": the grouping of a date that was named."""
    if not scan.word(0, "bin") or scan.noun():
        return False
    ahead = 1
    while scan.word(ahead, "filler"):
        ahead += 1
    noun = scan.noun(ahead)
    ahead += 1 if noun is not None else 0
    while scan.word(ahead, "by", "filler"):
        ahead += 1
    piece = scan.piece(ahead)
    if noun is None or piece is None or not (piece.grain or piece.part):
        return False
    scan.sketch.groups.append(
        GroupSaid(scan.at, noun=noun, grain=piece.grain, part=None if piece.grain else piece.part)
    )
    return scan.advance(ahead + 1)


def wise(scan: Scan) -> bool:
    """ "region wise", "revenue wise"."""
    if scan.word(0, "wise"):
        return scan.advance()
    return False


def drill(scan: Scan) -> bool:
    """ "break down", "split": the next grouping words say by what."""
    if scan.word(0, "drill") and scan.noun() is None:
        scan.sketch.flags.setdefault("drill", scan.at)
        return scan.advance()
    return False


GROUPING_RULES = (bin_by, per_number, per_rows, by_rows, by_number_of, by_measure, group, wise, drill)
