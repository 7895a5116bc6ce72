"""Framing words: what kind of answer is wanted (a list, a count, a chart), and aggregate words that wait for a noun."""

from __future__ import annotations

from bi_chat.planners.grammar.scan import Pending, Scan
from bi_chat.planners.grammar.sketch import CalculationSaid
from bi_chat.semantics.targets import Kind
from bi_chat.values.period import Grain
from bi_chat.values.plan import Fn

AGGREGATES = {
    "total": Fn.SUM,
    "average": Fn.AVG,
    "median": Fn.MEDIAN,
    "minimum": Fn.MIN,
    "maximum": Fn.MAX,
    "stddev": Fn.STDDEV,
    "variance": Fn.VARIANCE,
}
SENTENCE_ENDS = ("?", ".", ";", "？", "。", "；")
INTENTS = ("list", "which", "who", "when", "where", "how_much", "yes_no")


def show(scan: Scan) -> bool:
    """ "show me": a request without content."""
    if scan.word(0, "filler") and not (scan.noun() or scan.could_be_value() or scan.word(0, "order_by")):
        return scan.advance()
    if scan.word(0, "show", "list") and scan.sketch.mentions and scan.pieces[scan.at - 1].text in SENTENCE_ENDS:
        scan.sketch.flags["then_show"] = scan.at
    return scan.word(0, "show") and scan.noun() is None and scan.advance()


def intent(scan: Scan) -> bool:
    """ "list", "which", "who": the next noun is the head of the answer."""
    for tag in INTENTS:
        if scan.word(0, tag) and (scan.sketch.mentions or scan.pending) and tag in ("which", "who", "when", "where"):
            han = tag == "which" and not scan.pieces[scan.at].text.isascii()  # 这单是哪个师傅做的
            scan.head_expected = scan.head_expected or han or (tag == "which" and scan.arg(0, tag) == "post")
            return scan.advance()
        if scan.word(0, tag):
            scan.sketch.intent = scan.sketch.intent or tag
            scan.sketch.flags.setdefault(tag, scan.at)
            scan.head_expected = tag in ("which", "who", "list")
            return scan.advance()
    return False


def count(scan: Scan) -> bool:
    """ "how many customers": the next noun is counted."""
    if scan.word(0, "distinct_count"):
        scan.pending = Pending((Fn.COUNT,), distinct=True, at=scan.at)
        scan.sketch.flags.setdefault("count", scan.at)
        return scan.advance()
    if not scan.word(0, "how_many") or (scan.noun() and not scan.word(0, "how_many")):
        return False
    if scan.pieces[scan.at].text.lower() == "number of" and _is_number_of_noun(scan):
        return scan.advance()
    if done := number_done(scan, 1):
        return scan.advance(done)
    if scan.pending is not None and scan.pending.fns == (Fn.AVG,):
        scan.sketch.flags["average_of_count"] = scan.at  # 平均每个车主有几辆车
    scan.pending = Pending((Fn.COUNT,), at=scan.at)
    scan.sketch.flags.setdefault("count", scan.at)
    scan.advance()
    if scan.word(0, "distinct"):
        scan.pending.distinct = True
        scan.advance()
    return True


def _is_number_of_noun(scan: Scan) -> bool:
    """ "phone number of the performer": the field right before is the number."""
    before = scan.piece(-1)
    return before is not None and before is scan.last_noun and before.hits[0].target.kind is Kind.FIELD


def number_done(scan: Scan, ahead: int) -> int:
    """ "the number of people injured": how far ahead the column is that holds the number itself; 0 when none is."""
    while scan.word(ahead, "filler"):
        ahead += 1
    counted, done = scan.noun(ahead), ahead + 1
    while scan.word(done, "filler", "is"):
        done += 1
    told = scan.noun(done)
    if counted is None or told is None or not counted.of(Kind.DATASET) or not told.text.lower().endswith("ed"):
        return 0
    return done if scan.is_number(told) else 0


def count_suffix(scan: Scan) -> bool:
    """ "客户数", "… how many?": the count word after its noun."""
    if not scan.word(0, "count_suffix"):
        return False
    mentions = scan.sketch.mentions
    said = scan.sketch.conditions[-1].values if scan.sketch.conditions else []
    if not mentions and scan.piece(-1) in scan.sketch.unused:
        scan.sketch.unused.append(scan.pieces[scan.at])  # of something that no name holds
    if not mentions and (scan.word(-1, "deed") or scan.piece(-1) in said):
        scan.sketch.flags["count_rows"] = scan.at  # 狗和猫的数量
    if mentions and not mentions[-1].fns and mentions[-1].piece.hits[0].target.kind is not Kind.METRIC:
        mentions[-1].fns, mentions[-1].role = (Fn.COUNT,), "count"
    return scan.advance()


def aggregate(scan: Scan) -> bool:
    """ "average, minimum and maximum age": aggregate words gather until their noun comes."""
    tag = next((t for t in AGGREGATES if scan.word(0, t)), "")
    if not tag:
        return False
    noun = scan.noun()
    if noun and noun.hits and noun.hits[0].score >= 0.95 and not _noun_follows(scan):
        return False
    if tag in ("minimum", "maximum") and scan.word(-1, "with", "that") and not scan.pending:
        return False
    last = scan.sketch.mentions[-1] if scan.sketch.mentions else None
    if (
        last is not None
        and last.piece is scan.last_noun
        and not last.fns
        and not _noun_follows(scan)
        and _adjacent_noun(scan)
    ):
        last.fns, last.role = (AGGREGATES[tag],), "measure"
        return scan.advance()
    more = (AGGREGATES[tag],)
    if scan.pending and scan.pending.fns and Fn.COUNT not in scan.pending.fns:
        scan.pending.fns = (*scan.pending.fns, *more)
    elif scan.pending and scan.pending.fns == (Fn.COUNT,) and tag == "total":
        pass
    elif scan.word(1, "how_many", "distinct_count") and not _number_follows(scan):
        if tag != "total":
            scan.sketch.flags["aggregate_of_count"] = list(Fn).index(AGGREGATES[tag])
    else:
        scan.pending = Pending(more, at=scan.at, sticky=True)
    scan.advance()
    if scan.word(0, "how_many") and scan.pending and Fn.COUNT not in scan.pending.fns:
        scan.advance()
    while scan.word(0, "and") and any(scan.word(1, t) for t in AGGREGATES):
        scan.advance()
    return True


def _adjacent_noun(scan: Scan) -> bool:
    """ "实付金额的中位数": the aggregate word stands right after its noun."""
    i = scan.at - 1
    while i >= 0 and scan.pieces[i].word("filler", "of"):
        i -= 1
    return i >= 0 and scan.pieces[i] is scan.last_noun


def _number_follows(scan: Scan) -> bool:
    """ "average number of votes" where votes is itself a number column."""
    ahead = 2
    while scan.word(ahead, "filler", "of", "distinct"):
        ahead += 1
    noun = scan.noun(ahead)
    return noun is not None and scan.is_number(noun)


def _noun_follows(scan: Scan) -> bool:
    ahead = 1
    while scan.word(ahead, "of", "and", "filler", "distinct") or any(scan.word(ahead, t) for t in AGGREGATES):
        ahead += 1
    return scan.noun(ahead) is not None or scan.could_be_value(ahead) is not None


def percentile(scan: Scan) -> bool:
    """ "90th percentile of": a number, then the word."""
    piece = scan.piece()
    if piece and piece.amount and scan.word(1, "percentile"):
        scan.pending = Pending((Fn.PERCENTILE,), argument=piece.amount.value / 100, at=scan.at)
        return scan.advance(2)
    return False


def correlation(scan: Scan) -> bool:
    """ "correlation between A and B"."""
    if not scan.word(0, "correlation") or scan.noun():
        return False
    scan.sketch.flags["correlation"] = scan.at
    return scan.advance()


def distinct(scan: Scan) -> bool:
    """ "different cities": without repetitions."""
    if not scan.word(0, "distinct") or (scan.noun() and not _noun_follows(scan)):
        return False
    if scan.pending and Fn.COUNT in scan.pending.fns:
        scan.pending.distinct = True
    else:
        scan.sketch.distinct = True
    return scan.advance()


def all_columns(scan: Scan) -> bool:
    """ "all information about X": every column."""
    if not scan.word(0, "all_columns"):
        return False
    scan.sketch.flags["all_columns"] = scan.at
    return scan.advance()


def distribution(scan: Scan) -> bool:
    """ "distribution of order values in buckets of 100"."""
    piece = scan.piece()
    if piece and scan.word(0, "distribution") and scan.noun() is None:
        scan.sketch.flags["distribution"] = scan.at
        return scan.advance()
    ahead = 1
    while scan.word(ahead, "filler") and not scan.word(ahead, "buckets_post"):
        ahead += 1
    if piece and piece.amount and scan.word(ahead, "buckets_post"):
        scan.sketch.width = piece.amount.value
        return scan.advance(ahead + 1)
    if scan.word(0, "buckets"):
        amount = scan.piece(1)
        if amount and amount.amount:
            scan.sketch.width = amount.amount.value
            return scan.advance(2)
    return False


def chart(scan: Scan) -> bool:
    """ "as a bar chart"."""
    if scan.word(0, "chart_any") and scan.noun() is None:
        scan.sketch.flags["chart"] = scan.at
        return scan.advance()
    if scan.word(0, "axis") and scan.noun() is None and not scan.could_be_value():
        scan.sketch.axis = scan.arg(0, "axis")
        return scan.advance()
    kind = scan.arg(0, "chart")
    if not kind or (scan.noun() and not scan.word(1, "chart_any")):
        return False
    scan.sketch.chart = scan.sketch.chart or kind
    if kind in ("histogram", "box"):
        scan.sketch.flags["distribution"] = scan.at
    return scan.advance()


def trend(scan: Scan) -> bool:
    """ "trend", "over time": a time series at a grain that fits the period."""
    if scan.word(0, "trend") and scan.noun() is None:
        scan.sketch.flags["trend"] = scan.at
        return scan.advance()
    return False


def analysis(scan: Scan) -> bool:
    """ "forecast", "why", "unusual", questions about the data, writes."""
    piece = scan.piece()
    if piece is None:
        return False
    if scan.word(0, "forecast") and scan.noun() is None:
        scan.sketch.flags.setdefault("forecast", scan.at)
        ahead = scan.piece(1)
        if ahead and ahead.duration:
            scan.sketch.horizon = (ahead.duration.count, ahead.duration.grain)
            scan.advance()
        return scan.advance()
    if piece.duration and scan.word(1, "forecast"):
        scan.sketch.horizon = (piece.duration.count, piece.duration.grain)
        return scan.advance()
    for tag in ("why", "anomaly", "write", "about_data", "define", "how_calculated"):
        if scan.word(0, tag) and scan.noun() is None and scan.could_be_value() is None:
            scan.sketch.flags.setdefault(tag, scan.at)
            return scan.advance()
    return False


def rolling(scan: Scan) -> bool:
    """ "7 day moving average": a duration before the word, or after it."""
    piece = scan.piece()
    if piece is None:
        return False
    if piece.duration and scan.word(1, "rolling"):
        scan.sketch.calculations.append(
            CalculationSaid("rolling", scan.at, piece.duration.grain, size=piece.duration.count)
        )
        scan.advance(2)
    elif scan.word(0, "rolling"):
        ahead = scan.piece(1)
        size, grain = (ahead.duration.count, ahead.duration.grain) if ahead and ahead.duration else (3, Grain.MONTH)
        scan.sketch.calculations.append(CalculationSaid("rolling", scan.at, grain, size=size))
        scan.advance(2 if ahead and ahead.duration else 1)
    else:
        return False
    if scan.word(0, "average", "total"):
        scan.advance()
    return True


FRAME_RULES = (
    rolling,
    all_columns,
    count_suffix,
    count,
    percentile,
    correlation,
    distribution,
    chart,
    trend,
    analysis,
    aggregate,
    distinct,
    intent,
    show,
)
