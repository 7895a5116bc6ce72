"""In: what was said. Out: whether figures or rows are wanted, and what a bare noun is there for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bi_chat.planners.grammar.bind import Choice
from bi_chat.planners.grammar.pieces import Piece
from bi_chat.planners.grammar.rules.frame import AGGREGATES
from bi_chat.planners.grammar.sketch import Cond, Mention
from bi_chat.semantics.model import Dataset
from bi_chat.semantics.targets import Kind
from bi_chat.sql.joins import reachable

if TYPE_CHECKING:
    from bi_chat.planners.grammar.assemble import Assembler


LIST_INTENTS = ("list", "which", "who", "when", "where")


def is_aggregated(made: Assembler, grouped: bool) -> bool:
    """Whether figures are wanted rather than rows."""
    sketch = made.sketch
    if _latest_rows(made, grouped):
        return False
    if (
        made.measured
        or sketch.elapsed is not None
        or any(m.fns for m in sketch.mentions)
        or sketch.calculations
        or {"distribution", "count_rows"} & set(sketch.flags)
    ):
        return True
    if not (sketch.mentions or sketch.groups or sketch.rankings) and (
        sketch.intent == "how_much" or any(p.word("verb") for p in sketch.pieces)
    ):
        return not sketch.conditions or bool(sketch.periods)
    if sketch.intent == "how_much" and not any(plain_column(made, m) for m in sketch.mentions):
        return True
    if (
        sketch.lever is not None
        or sketch.advice is not None
        or {"forecast", "why", "anomaly", "correlation", "trend"} & set(sketch.flags)
    ):
        return True
    if any(is_metric(made, m) for m in sketch.mentions):
        return True
    if any((r.by and (r.by.fns or is_metric(made, r.by))) or r.counting for r in sketch.rankings):
        return not any(m.role == "select" and plain_column(made, m) for m in sketch.mentions) or grouped
    if grouped:
        return not lists_each(made)
    if sketch.intent in LIST_INTENTS:
        return False
    return bare_measure(made)


def _latest_rows(made: Assembler, grouped: bool) -> bool:
    """ "the 3 latest claims": rows, though a figure has the same name."""
    latest = any(r.concept == "time" and (r.limit or made.sketch.limit) for r in made.sketch.rankings)
    mentions = made.sketch.mentions
    named = bool(mentions) and all(m.piece.of(Kind.DATASET) and not m.fns for m in mentions)
    return latest and named and not grouped


def lists_each(made: Assembler) -> bool:
    """ "the name and age of each player": one row for each, nothing to aggregate."""
    if len(made.sketch.groups) != 1 or made.sketch.rankings or not made.sketch.mentions:
        return False
    said = made.sketch.groups[0].noun
    each = made.binder.dataset_of(said) if said is not None else None
    if each is None or said is None or not said.hits or said.hits[0].target.kind is not Kind.DATASET:
        return False
    if not all(_told_of_each(made, mention, each, said) for mention in made.sketch.mentions):
        return False
    made.subject, made.dimensions = each, []
    return True


def _told_of_each(made: Assembler, mention: Mention, each: Dataset, said: Piece) -> bool:
    """A field of the row itself, or of one it refers to; a name of rows is no figure either."""
    choice = made.binder.choose(mention.piece, (Kind.METRIC, Kind.DATASET, Kind.FIELD), owner=said)
    if choice is None or choice.target.kind is Kind.METRIC:
        return False
    if choice.target.kind is Kind.DATASET:
        return any(m.piece.of(Kind.FIELD) and m is not mention for m in made.sketch.mentions)
    if choice.target.dataset == each.name:
        return True
    field = made.binder.field(choice.target)
    return field is not None and field.kind != "measure" and choice.target.dataset in reachable(made.model, each.name)


def bare_measure(made: Assembler) -> bool:
    """ "refund amount in 2024": a summable field without a list word; "tickets last month": a count."""
    if any(c.kind == "number" and (c.counting or c.fns or _is_deed(c)) for c in made.sketch.conditions):
        return False
    additive = entity = other = 0
    for mention in made.sketch.mentions:
        choice = made.choose(mention)
        if choice is None or choice.target.kind is Kind.METRIC:
            continue
        if choice.target.kind is Kind.DATASET:
            entity += 1
            continue
        field = made.binder.field(choice.target)
        if field is not None and field.kind == "measure" and field.additivity == "additive":
            additive += 1
        elif field is not None and not (field.is_time or field.kind in ("time", "flag")):
            other += 1
    if additive and not other:
        return not (entity and made.sketch.intent == "list")
    return bool(entity) and not other and not additive and bool(made.sketch.periods) and not made.sketch.rankings


def _is_deed(cond: Cond) -> bool:
    """ "… who spent more than 600", "… with more than 600 of revenue": rows are judged by what they did."""
    if cond.noun is None:
        return False
    best = cond.noun.hits[0].target.kind if cond.noun.hits else None
    return cond.noun.word("verb") is not None or best is Kind.METRIC


def is_metric(made: Assembler, mention: Mention) -> bool:
    """Whether a noun is a metric here, and not the rows of that name in a list."""
    hits = mention.piece.of(Kind.METRIC)
    if not hits or hits[0].score < mention.piece.hits[0].score - 0.1:
        return False
    dataset = mention.piece.of(Kind.DATASET)
    listing = made.sketch.intent in ("list", "which", "who") and mention.role in ("subject", "select")
    return not (dataset and dataset[0].score >= hits[0].score - 0.05 and listing)


def figure_of_rows(made: Assembler, mention: Mention) -> bool:
    """ "demand by market": rows and a figure over them have one name; only "how many" means the rows."""
    metrics, datasets = mention.piece.of(Kind.METRIC), mention.piece.of(Kind.DATASET)
    if not metrics or not datasets or mention.fns or metrics[0].score < datasets[0].score - 0.05:
        return False
    best = metrics[0].target.name
    metric = made.model.metric(best)
    over = made.binder.metric_homes.get(best, "")
    counts = metric is not None and metric.expression.upper().lstrip().startswith("COUNT")
    return not counts and any(h.target.dataset == over for h in datasets) and is_metric(made, mention)


def listed_figure(made: Assembler, mention: Mention) -> bool:
    """ "revenue, orders and customers by country": rows named in a row of figures are counted."""
    if made.sketch.intent in LIST_INTENTS or mention.role != "select":
        return False
    row = _row_of(made, mention)
    first = row[0] is mention
    if len(row) < 2 or (first and not made.sketch.groups):
        return False
    return any(m is not mention and (m.fns or is_metric(made, m) or _is_measure(made, m)) for m in row)


def _row_of(made: Assembler, mention: Mention) -> list[Mention]:
    """The mentions that stand in one enumeration with this one."""
    row = [mention]
    place = made.sketch.mentions.index(mention)
    for step in (-1, 1):
        here = place
        while 0 <= here + step < len(made.sketch.mentions):
            low, high = sorted((made.sketch.mentions[here].at, made.sketch.mentions[here + step].at))
            between = [p for p in made.sketch.pieces[low + 1 : high] if not _counts_or_averages(p)]
            if not any(p.word("and") for p in between) or not all(p.word("and", "filler") for p in between):
                break
            here += step
            row.append(made.sketch.mentions[here])
    return sorted(row, key=lambda m: m.at)


def _counts_or_averages(piece: Piece) -> bool:
    return piece.word("how_many", "distinct_count", *AGGREGATES) is not None


def _is_measure(made: Assembler, mention: Mention) -> bool:
    choice = made.choose(mention)
    field = made.binder.field(choice.target) if choice is not None and choice.target.kind is Kind.FIELD else None
    return field is not None and field.kind == "measure"


def names_rows(mention: Mention) -> bool:
    """Whether a noun names a dataset outright, and fields only in part ("customers", over a customer code)."""
    rows, fields = mention.piece.of(Kind.DATASET), mention.piece.of(Kind.FIELD)
    return bool(rows) and rows[0].score >= 0.9 and all(h.score < rows[0].score - 0.05 for h in fields)


def describes(made: Assembler, mention: Mention, choice: Choice) -> bool:
    """ "delivery costs": part of a date's name right before another noun is no event, but says which costs."""
    if choice.how not in ("part", "general", "near") or mention.at + 1 >= len(made.sketch.pieces):
        return False
    after = made.sketch.pieces[mention.at + 1]
    return any(m.piece is after for m in made.sketch.mentions)


def plain_column(made: Assembler, mention: Mention) -> bool:
    """Whether a noun is a field."""
    choice = made.choose(mention)
    return choice is not None and choice.target.kind is Kind.FIELD


def is_related(made: Assembler, mention: Mention, choice: Choice) -> bool:
    """ "how many members take part in an activity": counted are those that have such a row."""
    counted = [m for m in made.sketch.mentions if m.role == "count"]
    if not counted or mention.at < counted[0].at or made.subject is None or choice.target.dataset == made.subject.name:
        return False
    return (
        choice.target.dataset not in reachable(made.model, made.subject.name)
        and made.owner(counted[0]) is not mention.piece
    )


def is_event(made: Assembler, mention: Mention, choice: Choice) -> bool:
    """ "signed up": the words of a time field, said as an event of the subject, not as a column."""
    field = made.binder.field(choice.target)
    said_by_period = any(p.event is mention.piece for p in made.sketch.periods)
    is_time = field is not None and (field.is_time or field.kind == "time")
    return is_time and (
        said_by_period
        or (
            choice.how in ("event", "translated", "general", "near", "part")
            and len(made.sketch.mentions) + len(made.sketch.rankings) > 1
        )
    )


def is_link(made: Assembler, mention: Mention, choice: Choice) -> bool:
    """ "battles that lost ships": a word of a key's name says how rows belong together, and is no column."""
    field = made.binder.field(choice.target)
    if field is None or field.kind not in ("key", "number") or len(made.sketch.mentions) < 2:
        return False
    after = made.sketch.pieces[mention.at + 1] if mention.at + 1 < len(made.sketch.pieces) else None
    named = {h.target.dataset for h in after.of(Kind.VALUE)} if after is not None else set()
    if any(r.from_columns == (choice.target.field,) and r.to_dataset in named for r in made.model.relationships):
        return True  # "fixed by Adam": the column only says whose name follows
    if field.kind != "key" or choice.how != "part":
        return False
    return any(
        r.from_dataset == choice.target.dataset and r.from_columns == (choice.target.field,)
        for r in made.model.relationships
    )


def modifies(made: Assembler, mention: Mention) -> bool:
    """ "Lumina products": a noun right after its own value says what the value is, not how to group."""
    before = made.sketch.pieces[mention.at - 1] if mention.at > 0 else None
    if before is None or not before.of(Kind.VALUE) or mention.role != "select":
        return False
    datasets = {h.target.dataset for h in before.of(Kind.VALUE)}
    return any(h.target.dataset in datasets for h in mention.piece.hits)


def is_whose(made: Assembler, mention: Mention) -> bool:
    """Whether a figure's name says whose the figure before it is: it follows that one and "of", "from" or "by"."""
    pieces, at = made.sketch.pieces, mention.at - 1
    while at > 0 and pieces[at].word("filler"):
        at -= 1
    if at < 1 or not pieces[at].word("of", "from", "by"):
        return False
    before = pieces[at - 1]
    return any(m.piece is before and m.piece.of(Kind.METRIC) for m in made.sketch.mentions)
