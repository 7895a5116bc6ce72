"""Rankings: top N, highest, most, oldest, latest, sorted by."""

from __future__ import annotations

from bi_chat.planners.grammar.pieces import Piece
from bi_chat.planners.grammar.rules.frame import AGGREGATES, number_done
from bi_chat.planners.grammar.scan import Pending, Scan
from bi_chat.planners.grammar.sketch import GroupSaid, Mention, OrderSaid, Ranking
from bi_chat.semantics.targets import Kind
from bi_chat.values.plan import Fn

DIRECTION = {"top": 1, "most": 1, "highest": 1, "bottom": -1, "least": -1, "lowest": -1, "maximum": 1, "minimum": -1}


SELLING = ("selling", "卖得", "畅销", "sold")
EXTREMES = ("highest", "lowest", "maximum", "minimum")

BEFORE_ORDER = tuple("by filler order_by of their in ascending descending that_ref how_many axis".split())


def _direction(scan: Scan, ahead: int = 0) -> tuple[str, int, str] | None:
    for tag, sign in DIRECTION.items():
        if scan.word(ahead, tag):
            return tag, sign, ""
    arg = scan.arg(ahead, "superlative")
    if arg:
        return "superlative", 1 if arg.endswith("+") else -1, arg[:-1]
    return None


def top(scan: Scan) -> bool:
    """ "top 10 products", "5 best customers", "last 10 orders", "bottom three stores", "second best category"."""
    number, offset, ahead = _number_before(scan)
    found = _direction(scan, ahead)
    if found is None:
        return False
    tag, sign, concept = found
    if scan.arg(ahead, tag) == "post":
        return _after_measure(scan, sign, ahead, number)
    if not ahead and tag in EXTREMES and _plain_aggregate(scan):
        scan.pending = Pending((Fn.MAX if sign > 0 else Fn.MIN,), at=scan.at, sticky=True)
        return scan.advance()
    if scan.noun(ahead) and tag not in ("top", "bottom", "superlative") and not scan.noun(ahead + 1):
        return False
    ahead += 1
    number, ahead, concept = _number_after(scan, ahead, number, concept)
    if tag in ("most", "least"):
        return _most(scan, sign, number, ahead)
    while scan.word(ahead, "filler", "of", "distinct"):
        ahead += 1
    if scan.word(ahead, "how_many") and (scan.noun(ahead + 1) or scan.noun(ahead + 2)):
        return _most(scan, sign, number, ahead + 1)
    if any(w in scan.pieces[scan.at + ahead - 1].text.lower() for w in SELLING):
        scan.sketch.flags.setdefault("selling", scan.at)
    ranking = Ranking(scan.at, sign, number, concept=concept, offset=offset)
    ranking.strict_superlative = number is None and tag not in ("top", "bottom")
    scan.sketch.rankings.append(ranking)
    return _ranked_noun(scan, ranking, tag, ahead)


def _number_before(scan: Scan) -> tuple[int | None, int, int]:
    """ "5 best", "second best": (limit, rows to skip, ahead)."""
    piece = scan.piece()
    if piece is None or piece.amount is None or _direction(scan, 1) is None or _wants_number(scan):
        return None, 0, 0
    if piece.amount.ordinal:
        return 1, int(piece.amount.value) - 1, 1
    return int(piece.amount.value), 0, 1


def _number_after(scan: Scan, ahead: int, number: int | None, concept: str) -> tuple[int | None, int, str]:
    """ "top 5 oldest": (limit, ahead, concept)."""
    after = scan.piece(ahead)
    if number is not None or after is None or not after.amount or after.period:
        return number, ahead, concept
    again = _direction(scan, ahead + 1)
    return int(after.amount.value), ahead + (2 if again else 1), concept or (again[2] if again else "")


def _ranked_noun(scan: Scan, ranking: Ranking, tag: str, ahead: int) -> bool:
    """The noun after "top" or "highest": what is ranked, or by what."""
    fns: tuple[Fn, ...] = ()
    agg = next((t for t in AGGREGATES if scan.word(ahead, t)), "")
    if agg and scan.noun(ahead + 1):
        fns, ahead = (AGGREGATES[agg],), ahead + 1
    noun = scan.noun(ahead)
    unit = scan.piece(ahead)
    if unit is not None and (unit.grain or unit.part) and ranking.limit is None and tag in ("top", "bottom"):
        ranking.limit = 1
        said = GroupSaid(scan.at + ahead, grain=unit.grain, part=None if unit.grain else unit.part)
        scan.sketch.groups.append(said)  # "our best day": days are ranked
        return scan.advance(ahead + 1)
    if noun is None:
        return scan.advance(ahead)
    after = scan.noun(ahead + 1)
    if (
        after is not None
        and tag in ("top", "bottom")
        and _figure(after)
        and not _figure(noun)
        and not scan.is_number(noun)
    ):
        ranking.noun, ranking.by, scan.last_noun = noun, Mention(after, scan.at, "order", fns), noun
        return scan.advance(ahead + 2)
    by_first = after is not None and noun.hits[0].target.kind is not Kind.DATASET and bool(after.of(Kind.DATASET))
    if by_first and after is not None and tag in ("top", "bottom"):
        ranking.by, ranking.noun, scan.last_noun = Mention(noun, scan.at, "order", fns), after, after
        return scan.advance(ahead + 2)
    _attach(scan, ranking, noun, fns, tag)
    scan.last_noun = noun
    return scan.advance(ahead + 1)


def _figure(noun: Piece) -> bool:
    """Whether a noun names a metric as surely as anything."""
    metrics = noun.of(Kind.METRIC)
    return bool(metrics) and metrics[0].score >= noun.hits[0].score - 0.05


def _after_measure(scan: Scan, sign: int, ahead: int, number: int | None) -> bool:
    """ "销售额最高的5个产品": the measure stands before, the number and what is ranked after."""
    if any(w in scan.pieces[scan.at + ahead].text.replace(" ", "") for w in SELLING):
        scan.sketch.flags.setdefault("selling", scan.at)
    ranking = Ranking(scan.at, sign, number, strict_superlative=number is None)
    mentions = scan.sketch.mentions
    if mentions and mentions[-1].piece is scan.last_noun and mentions[-1].role in ("select", "measure", "count"):
        by = mentions.pop()
        by.role, ranking.by = "order", by
    ahead += 1
    while scan.word(ahead, "filler"):
        ahead += 1
    if scan.word(ahead, "top") and (numbered := scan.piece(ahead + 1)) is not None and numbered.amount:
        ahead += 1
    after = scan.piece(ahead)
    if after is not None and after.amount and not after.period:
        ranking.limit, ahead = int(after.amount.value), ahead + 1
    while scan.word(ahead, "filler"):
        ahead += 1
    noun = scan.noun(ahead)
    scan.sketch.rankings.append(ranking)
    if noun is not None and noun.of(Kind.DATASET, Kind.FIELD):
        ranking.noun, scan.last_noun, ahead = noun, noun, ahead + 1
    return scan.advance(ahead)


def _attach(scan: Scan, ranking: Ranking, noun: Piece, fns: tuple[Fn, ...], tag: str) -> None:
    """The noun after a superlative is what is ranked ("top 5 products") or by what ("highest revenue")."""
    best = noun.hits[0].target
    if not fns and _sized_rows(scan, noun):
        ranking.noun, ranking.concept = noun, "size"
        return
    if best.kind is Kind.DATASET and not fns and noun.hits[0].score >= 0.9 and not noun.of(Kind.METRIC):
        ranking.noun = noun
        if tag in ("highest", "lowest") and ranking.limit is None:
            ranking.concept = "size"
        return
    is_entity = best.kind is Kind.DATASET or (tag in ("top", "bottom") and best.kind is Kind.FIELD and not fns)
    if ranking.concept and not fns:
        is_entity = True
    if is_entity and tag in ("top", "bottom", "superlative"):
        ranking.noun = noun
        return
    ranking.by = Mention(noun, scan.at, "order", fns)


def _wants_number(scan: Scan) -> bool:
    return scan.word(-1, "gt", "lt", "ge", "le", "between", "eq")


def _plain_aggregate(scan: Scan) -> bool:
    """ "what is the highest salary": no head noun to rank, so it is the maximum."""
    heads = any(m.role in ("select", "subject") for m in scan.sketch.mentions)
    asked = scan.sketch.intent in ("which", "who", "when", "where", "list")
    if scan.word(-1, "and") and _grouped_soon(scan):
        return True
    back = -1
    while scan.word(back, "filler"):
        back -= 1
    is_max = scan.word(0, "maximum", "minimum") and not scan.word(back, "with", "that")
    if not is_max and _sized_rows(scan, scan.noun(1)):
        return False
    return bool(scan.pending) or is_max or (not asked and not heads and not _entity_after(scan))


def _sized_rows(scan: Scan, noun: Piece | None) -> bool:
    """ "the biggest order": rows of some size, not the maximum of something."""
    rows = noun.of(Kind.DATASET) if noun is not None else ()
    said = " ".join(p.text.lower() for p in scan.pieces[scan.at : scan.at + 2])
    sized = any(w in said for w in ("biggest", "largest", "smallest"))
    return noun is not None and bool(rows) and rows[0].score >= noun.hits[0].score - 0.05 and sized


def _grouped_soon(scan: Scan) -> bool:
    """ "title and highest price for each film": one for each group, not the first of all."""
    later = scan.pieces[scan.at + 1 : scan.at + 6]
    return any(p.word("by") and p.text.lower().split()[-1] in ("each", "every", "per") for p in later)


def _entity_after(scan: Scan) -> bool:
    ahead = 1
    while scan.word(ahead, "filler", "of"):
        ahead += 1
    piece = scan.piece(ahead)
    if piece is not None and piece.amount:
        return True
    noun = scan.noun(ahead)
    return noun is not None and noun.hits[0].target.kind is Kind.DATASET


def _most(scan: Scan, sign: int, number: int | None, ahead: int) -> bool:
    """ "the most orders" counts orders; "most common city" counts rows of each city; "most revenue" orders by it."""
    while scan.word(ahead, "filler", "of", "distinct", "how_many"):
        ahead += 1
    noun = scan.noun(ahead)
    ranking = Ranking(scan.at, sign, number, strict_superlative=number is None)
    scan.sketch.rankings.append(ranking)
    common = any(w in scan.pieces[scan.at].text.lower() for w in ("common", "popular", "frequent", "often"))
    if noun is None:
        ranking.counting = True
        after = scan.piece(ahead)
        if after is not None and (after.part or after.grain):
            scan.sketch.groups.append(
                GroupSaid(scan.at + ahead, grain=after.grain, part=None if after.grain else after.part)
            )
            ahead += 1
        return scan.advance(ahead)
    best = noun.hits[0].target
    if _figure_said(scan, noun):
        scan.pending = Pending((Fn.MAX if sign > 0 else Fn.MIN,), at=scan.at)
        scan.sketch.rankings.pop()
        return scan.advance(ahead)
    scan.last_noun = noun
    after = scan.noun(ahead + 1)
    if best.key in scan.times and after is not None and after.of(Kind.DATASET):
        ranking.noun, ranking.by, scan.last_noun = after, Mention(noun, scan.at, "order", (Fn.COUNT,)), after
        return scan.advance(ahead + 2)  # "most reviewed product": reviews are counted
    if common:
        ranking.noun, ranking.counting = noun, True
    elif best.kind is Kind.METRIC:
        ranking.by = Mention(noun, scan.at, "order")
    else:
        measure = best.kind is Kind.FIELD and "number" not in scan.pieces[scan.at].text.lower()
        ranking.by = Mention(noun, scan.at, "order", () if measure else (Fn.COUNT,))
        ranking.counting = not measure
    return scan.advance(ahead + 1)


def _figure_said(scan: Scan, noun: Piece) -> bool:
    """ "the maximum number of tables made": a column holds the number, and nobody is ranked by it."""
    text = scan.pieces[scan.at].text.lower()
    heads = any(m.role in ("select", "subject") for m in scan.sketch.mentions)
    asked = scan.sketch.intent in ("which", "who", "when", "where", "list")
    return (
        text.endswith(("maximum number of", "minimum number of")) and not heads and not asked and scan.is_number(noun)
    )


def order(scan: Scan) -> bool:
    """ "sorted by name in ascending order"."""
    if not scan.word(0, "order_by") or scan.noun():
        return False
    if scan.word(0, "deed") and not scan.word(1, "by", "ascending", "descending", "in"):
        return False  # "customers who ordered"
    if not (scan.sketch.mentions or scan.sketch.groups or scan.sketch.conditions):
        alone = scan.piece(2) is None or scan.word(2, "ascending", "descending")
        if scan.pieces[scan.at].text.lower().endswith(" by") and scan.noun(1) is not None and alone:
            return _order_nouns(scan, None)  # "sort by revenue": what is on the table
        scan.sketch.flags["sort_request"] = scan.at
        return scan.advance()
    return _order_nouns(scan, None)


def _order_nouns(scan: Scan, descending: bool | None) -> bool:
    ahead = 1
    while scan.word(ahead, *BEFORE_ORDER):
        if scan.word(ahead, "axis"):
            scan.sketch.axis = scan.arg(ahead, "axis")
        if scan.word(ahead, "ascending", "descending"):
            descending = scan.word(ahead, "descending")
        ahead += 1
    if not (noun := scan.noun(ahead)):
        piece = scan.piece(ahead)
        time = piece is not None and piece.period is None and bool(piece.grain or piece.part)
        scan.sketch.orders.append(OrderSaid(scan.at, None, descending, time=time))
        return scan.advance(ahead + time)
    if scan.word(ahead - 1, "how_many") and (done := number_done(scan, ahead)):
        noun, ahead = scan.pieces[scan.at + done], done
    while noun:
        scan.sketch.orders.append(OrderSaid(scan.at, Mention(noun, scan.at, "order"), descending))
        scan.last_noun = noun
        ahead += 1
        noun = scan.noun(ahead + 1) if scan.word(ahead, "and") else None
        ahead += 1 if noun else 0
    return scan.advance(ahead)


def direction(scan: Scan) -> bool:
    """ "in descending order" after the fact."""
    for tag, descending in (("ascending", False), ("descending", True)):
        if scan.word(0, tag) and (concept := scan.arg(0, tag)):
            scan.sketch.orders.append(OrderSaid(scan.at, None, descending, concept=concept))
            return scan.advance()
        if scan.word(0, tag):
            ends_open = scan.pieces[scan.at].text.lower().endswith((" of", " by")) or scan.word(
                1, "of", "by", "how_many"
            )
            if ends_open and _noun_soon(scan):
                return _order_nouns(scan, descending)
            if scan.sketch.orders and scan.sketch.orders[-1].descending is None:
                for said in scan.sketch.orders:
                    said.descending = descending if said.descending is None else said.descending
            else:
                scan.sketch.orders.append(OrderSaid(scan.at, None, descending))
            return scan.advance()
    return False


def _noun_soon(scan: Scan) -> bool:
    ahead = 1
    while scan.word(ahead, "by", "filler", "of", "their", "how_many", "all"):
        ahead += 1
    return scan.noun(ahead) is not None


def rank(scan: Scan) -> bool:
    """ "rank the stores": all of them, in order."""
    if not scan.word(0, "rank") or scan.noun():
        return False
    if any(scan.word(i, "axis", "ascending", "descending") for i in range(1, 5)):
        return _order_nouns(scan, None)
    ahead = 1
    while scan.word(ahead, "filler", "of", "all"):
        ahead += 1
    noun = scan.noun(ahead)
    ranked = noun if noun is not None and noun.of(Kind.DATASET, Kind.FIELD) and not noun.of(Kind.METRIC) else None
    scan.sketch.rankings.append(Ranking(scan.at, 1, None, noun=ranked))
    scan.sketch.flags["rank"] = scan.at
    scan.last_noun = ranked or scan.last_noun
    return scan.advance(ahead + 1 if ranked else 1)


RANKING_RULES = (order, direction, rank, top)
