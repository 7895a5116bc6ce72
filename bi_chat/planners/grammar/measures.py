"""In: nouns and the aggregate words before them. Out: measures."""

from __future__ import annotations

from bi_chat.planners.grammar.ages import tells_age
from bi_chat.planners.grammar.bind import Binder, Choice
from bi_chat.planners.grammar.defaults import adds_up, default_aggregate
from bi_chat.planners.grammar.durations import row_elapsed
from bi_chat.planners.grammar.pieces import Piece
from bi_chat.planners.grammar.sketch import Mention
from bi_chat.planners.grammar.tracing import Trace
from bi_chat.semantics.model import Dataset, Field, SemanticModel
from bi_chat.semantics.naming import singular, split, words
from bi_chat.semantics.targets import Kind
from bi_chat.values.plan import (
    TIME,
    Age,
    Aggregate,
    Arithmetic,
    Elapsed,
    EntityMeasure,
    FieldRef,
    Fn,
    Measure,
    Measured,
    Metric,
    Nested,
    Scalar,
    TimeBucket,
)


class Measures:
    """Builds measures for one sketch."""

    def __init__(self, model: SemanticModel, binder: Binder, trace: Trace) -> None:
        self.model, self.binder, self.trace = model, binder, trace
        self.counted_event: FieldRef | None = None
        self.unit = "day"

    def metric(self, piece: Piece, choice: Choice) -> Measured:
        """A metric of the model."""
        self.trace.choice(piece, "measure", choice)
        self.binder.add_evidence(self.binder.metric_homes.get(choice.target.name, ""), 0.6)
        return Measured(Metric(choice.target.name))

    def bare_field(self, piece: Piece, choice: Choice) -> Measured:
        """A number field without an aggregate word: summed when that makes sense, else averaged."""
        self.trace.choice(piece, "measure", choice)
        field = self.binder.field(choice.target)
        fn = default_aggregate(field)
        after = next((p for p in self.binder.sketch.pieces if p.start == piece.end), None)
        if adds_up(piece, after):
            fn = Fn.SUM
        if fn is not Fn.SUM and not self._of_rows():
            bound = {"minimum", "maximum"} & set(words(choice.target.field))  # "min_watched": or are these minutes?
            self.trace.doubt("default_average", 1.0 if bound else 0.4)
        return Measured(Aggregate(fn, choice.target.dataset, FieldRef(choice.target.dataset, choice.target.field)))

    def _of_rows(self) -> bool:
        """Whether the numbers of single rows are wanted, so that no aggregate was left unsaid."""
        return "correlation" in self.binder.sketch.flags or self.binder.sketch.chart in ("scatter", "box", "histogram")

    def aggregates(self, mention: Mention, owner: Piece | None, at_hand: tuple[str, ...]) -> list[Measured]:
        """ "average and maximum age" gives two; "number of customers" counts rows."""
        return [m for fn in mention.fns if (m := self._aggregate(mention, fn, owner, at_hand)) is not None]

    def _aggregate(self, mention: Mention, fn: Fn, owner: Piece | None, at_hand: tuple[str, ...]) -> Measured | None:
        if fn is Fn.COUNT:
            return self._count(mention, owner, at_hand)
        choice = self.binder.choose(
            mention.piece, (Kind.METRIC, Kind.FIELD), owner=owner, prefer=at_hand, fits=_numeric_for(fn)
        ) or self.binder.choose(mention.piece, (Kind.METRIC, Kind.FIELD, Kind.DATASET), owner=owner, prefer=at_hand)
        if choice is None:
            return None
        target = choice.target
        if target.kind is Kind.METRIC:
            if mention.each is None and (fn is Fn.SUM or (fn is Fn.AVG and self._is_average(target.name))):
                return self.metric(mention.piece, choice)
            return self._over_metric(mention, fn, choice)
        self.trace.choice(mention.piece, "measure", choice)
        if target.kind is Kind.DATASET and (number := self.number_called(mention.piece, choice)) is not None:
            if fn is Fn.SUM:
                self.trace.doubt("assumed_field", 0.75)  # what adds up may stand elsewhere
            return Measured(Aggregate(fn, number.dataset, number, argument=mention.argument))
        if target.kind is Kind.DATASET:
            return Measured(Aggregate(Fn.COUNT, target.dataset)) if fn is Fn.SUM else None
        field = self.binder.field(target)
        ref = FieldRef(target.dataset, target.field)
        if mention.each is not None:
            inner = Aggregate(default_aggregate(field), target.dataset, ref)
            return Measured(Nested(fn, inner, (TimeBucket(TIME, mention.each.grain),), mention.argument))
        if tells_age(mention.piece, field):
            return Measured(Aggregate(fn, target.dataset, Age(ref), argument=mention.argument))
        if field is not None and field.is_time and fn not in (Fn.MIN, Fn.MAX):
            return self._since_own_time(fn, mention, ref)
        if fn is Fn.SUM and field is not None and field.kind in ("category", "key", "text", "other"):
            return Measured(Aggregate(Fn.COUNT, target.dataset, ref if field.datatype == "String" else None))
        return Measured(Aggregate(fn, target.dataset, ref, argument=mention.argument))

    def number_called(self, piece: Piece, choice: Choice) -> FieldRef | None:
        """ "average rent" over leases with a monthly rent: the one number of rows that the word is a synonym of."""
        rows = self.model.dataset(choice.target.dataset)
        if rows is None or choice.how != "general":
            return None
        said = singular(piece.text.lower())
        found = [f for f in rows.fields if _is_amount(f) and said in {w.lower() for w in split(f.name)}]
        if len(found) != 1:
            return None
        self.trace.doubt("assumed_field", 0.25)
        return FieldRef(rows.name, found[0].name)

    def _since_own_time(self, fn: Fn, mention: Mention, end: FieldRef) -> Measured | None:
        """ "average delivery time": no mean of dates, but of how long it took from the rows' own time."""
        dataset = self.model.dataset(end.dataset)
        start = dataset.default_time if dataset is not None else ""
        if fn is Fn.SUM or not start or "." in start or start == end.field:
            self.trace.doubt("unplaced_amount", 2.0)
            return None
        if any(s.piece is mention.piece and s.choice and s.choice.how in ("general", "part") for s in self.trace.steps):
            self.trace.doubt("assumed_field", 0.6)
        value = Elapsed(FieldRef(end.dataset, start), end, self.unit)
        return Measured(Aggregate(fn, end.dataset, value, argument=mention.argument))

    def _is_average(self, name: str) -> bool:
        metric = self.model.metric(name)
        text = metric.expression.upper() if metric else ""
        return "AVG(" in text or "/" in text

    def _over_metric(self, mention: Mention, fn: Fn, choice: Choice) -> Measured | None:
        """ "median order value": over the rows of the dataset that the metric counts or sums, one level below."""
        self.trace.choice(mention.piece, "measure", choice)
        metric = Metric(choice.target.name)
        if mention.each is not None:
            return Measured(Nested(fn, metric, (TimeBucket(TIME, mention.each.grain),), mention.argument))
        per = self.per_deal(choice.target.name)
        if per is not None:
            return Measured(Nested(fn, per[0], (per[1],), mention.argument))
        if (lasting := row_elapsed(self.model, choice.target.name)) is not None:
            return Measured(Aggregate(fn, *lasting, argument=mention.argument))
        home = self.model.dataset(self.binder.metric_homes.get(choice.target.name, ""))
        fields = mention.piece.of(Kind.FIELD)
        if fields and fields[0].score >= choice.score - 0.5:
            target = fields[0].target
            return Measured(
                Aggregate(fn, target.dataset, FieldRef(target.dataset, target.field), argument=mention.argument)
            )
        if home is None:
            return Measured(metric)
        self.trace.doubt("aggregate_over_metric", 0.6)
        field = only_field(self.model, choice.target.name, home)
        if field is not None:
            return Measured(Aggregate(fn, home.name, FieldRef(home.name, field.name), argument=mention.argument))
        return Measured(metric)

    def per_deal(self, name: str) -> tuple[Measure, FieldRef] | None:
        """ "order value" is a sum for each order: the numerator and key of a metric SUM(x) / COUNT(DISTINCT key)."""
        from bi_chat.sql.expressions import parse_metric

        metric = self.model.metric(name)
        found = parse_metric(metric.expression) if metric is not None else None
        if found is None or len(found.aggregates) != 2 or "/" not in (metric.expression if metric else ""):
            return None
        top, bottom = found.aggregates
        said = metric.expression.upper() if metric else ""
        if "COUNT(DISTINCT" not in said.replace(" (", "(") or len(bottom.columns) != 1 or len(top.columns) != 1:
            return None
        amount, key = top.columns[0], bottom.columns[0]
        return Aggregate(Fn.SUM, amount.dataset, FieldRef(amount.dataset, amount.field)), FieldRef(
            key.dataset, key.field
        )

    def _count(self, mention: Mention, owner: Piece | None, at_hand: tuple[str, ...]) -> Measured | None:
        choice = self.binder.choose(mention.piece, (Kind.METRIC, Kind.DATASET, Kind.FIELD), owner=owner, prefer=at_hand)
        if choice is None:
            return None
        choice = self.binder.counted_by(mention.piece, choice)
        target = choice.target
        if target.kind is Kind.METRIC:
            dataset = mention.piece.of(Kind.DATASET)
            if not (mention.distinct and dataset):
                return self.metric(mention.piece, choice)
            target = dataset[0].target
        self.trace.choice(mention.piece, "measure", choice)
        if target.kind is Kind.DATASET:
            return Measured(Aggregate(Fn.COUNT, target.dataset))
        field = self.binder.field(target)
        ref = FieldRef(target.dataset, target.field)
        if field is not None and field.kind == "flag" and not mention.distinct:
            self.trace.doubt("assumed_field", 1.0)  # of which are so, not of how many kinds there are
        if field is not None and field.is_time and not mention.distinct:
            self.counted_event = ref
            if choice.how == "near":
                self.trace.doubt("assumed_field", 1.0)  # a word guessed from afar names neither rows nor an event
            return Measured(Aggregate(Fn.COUNT, target.dataset))
        if field is not None and _is_amount(field) and not mention.distinct and not _many_of(mention, field):
            return Measured(Aggregate(Fn.SUM, target.dataset, ref))
        named = self.model.dataset(target.dataset)
        names = named is not None and (target.field == named.display or (target.field,) == named.primary_key)
        if names and not mention.distinct:
            return Measured(Aggregate(Fn.COUNT, target.dataset))
        return Measured(Aggregate(Fn.COUNT, target.dataset, ref, distinct=True))

    def order_measure(
        self, mention: Mention, owner: Piece | None, at_hand: tuple[str, ...]
    ) -> Measure | FieldRef | None:
        """What a ranking or order goes by: a measure, or a plain field of the subject."""
        if mention.fns:
            made = self.aggregates(mention, owner, at_hand)
            return made[0].of if made else None
        choice = self.binder.choose(mention.piece, (Kind.METRIC, Kind.FIELD, Kind.DATASET), owner=owner, prefer=at_hand)
        if choice is None:
            return None
        if choice.target.kind is Kind.METRIC:
            return self.metric(mention.piece, choice).of
        self.trace.choice(mention.piece, "order", choice)
        if choice.target.kind is Kind.DATASET:
            if self.binder.sketch.pieces[mention.at].word("highest", "lowest", "maximum", "minimum"):
                if (number := self.number_called(mention.piece, choice)) is not None:
                    return number
                self.trace.doubt("ranking_without_measure", 1.0)  # rows are many or few, and not high or low
            return Aggregate(Fn.COUNT, choice.target.dataset)
        return FieldRef(choice.target.dataset, choice.target.field)

    def count_of_subject(self, dataset: Dataset | None) -> Measured | None:
        """Rows of the subject; the model's own metric of that name wins."""
        if dataset is None:
            return None
        return Measured(Aggregate(Fn.COUNT, dataset.name))

    def home(self, measure: Measure) -> Dataset | None:
        """The dataset a measure is taken over."""
        name = measure_home(measure, self.binder.metric_homes)
        return self.model.dataset(name) if name else None

    def per_row(self, measure: Measure, subject: Dataset | None) -> tuple[Scalar | None, Dataset | None]:
        """A measure as a number of each row, and whose rows: a field of its dataset,
        or a sum for each deal or subject."""
        if isinstance(measure, Aggregate) and measure.of is not None:
            return measure.of, self.model.dataset(measure.dataset)
        if isinstance(measure, Metric):
            deal = self.per_deal(measure.name)
            if deal is not None:
                for rel in self.model.relationships:
                    if (rel.from_dataset, rel.from_columns) == (deal[1].dataset, (deal[1].field,)):
                        return EntityMeasure(deal[0], rel.to_dataset), self.model.dataset(rel.to_dataset)
                return None, None
            if (lasting := row_elapsed(self.model, measure.name)) is not None:
                return lasting[1], self.model.dataset(lasting[0])
            home = self.home(measure)
            field = only_field(self.model, measure.name, home) if home is not None else None
            if home is not None and field is not None and (subject is None or subject.name == home.name):
                return FieldRef(home.name, field.name), home
        return (EntityMeasure(measure, subject.name), subject) if subject is not None else (None, None)


def _is_amount(field: Field) -> bool:
    """ "number of passengers" over a column that already holds the number."""
    numeric = field.datatype in ("Integer", "Decimal", "Float") and not field.is_time
    return numeric and field.kind in ("measure", "number")


def _many_of(mention: Mention, field: Field) -> bool:
    """ "number of grades" over a column "grade": several are counted; "passengers" already holds how many."""
    said, name = mention.piece.text.lower(), field.name.lower()
    return field.kind == "number" and said != name and singular(said) == name


def measure_home(measure: Measure, metric_homes: dict[str, str]) -> str:
    """Name of the dataset whose rows a measure goes over; '' when there are several or none."""
    match measure:
        case Metric(name):
            return metric_homes.get(name, "")
        case Aggregate(dataset=dataset):
            return dataset
        case Arithmetic(_, left, right):
            return measure_home(left, metric_homes) or measure_home(right, metric_homes)
        case Nested(_, inner):
            return measure_home(inner, metric_homes)
    return ""


def counts_rows(measure: Measure, model: SemanticModel) -> bool:
    """Whether a measure is a number of rows (or of keys), by itself or as a metric of the model."""
    if isinstance(measure, Aggregate):
        return measure.function is Fn.COUNT
    metric = model.metric(measure.name) if isinstance(measure, Metric) else None
    if metric is None:
        return False
    from bi_chat.sql.expressions import parse_metric

    found = parse_metric(metric.expression).aggregates
    return len(found) == 1 and found[0].kind in ("count", "count_rows", "count_distinct")


def counts_keys(measure: Measure, model: SemanticModel) -> bool:
    """Whether a measure is a number of distinct keys ("buyers" over orders)."""
    if isinstance(measure, Aggregate):
        return measure.function is Fn.COUNT and measure.distinct
    metric = model.metric(measure.name) if isinstance(measure, Metric) else None
    return metric is not None and "COUNT(DISTINCT" in metric.expression.upper().replace(" (", "(")


def only_field(model: SemanticModel, metric: str, home: Dataset) -> Field | None:
    """The single field of its home that a metric's expression names, when it is just SUM or AVG of it."""
    found = model.metric(metric)
    if found is None:
        return None
    text = found.expression.lower().replace('"', "").replace(" ", "")
    for field in home.fields:
        if text in {f"{fn}({home.name.lower()}.{field.name.lower()})" for fn in ("sum", "avg")}:
            return field
    return None


def _numeric_for(fn: Fn) -> object:
    def fits(field: Field | None) -> bool:
        if field is None:
            return False
        if fn in (Fn.MIN, Fn.MAX):
            return field.kind not in ("text",) and (field.datatype not in ("String",) or field.is_time)
        return field.datatype in ("Integer", "Decimal", "Float") and field.kind != "key"

    return fits


def plain_of(metric: Metric, model: SemanticModel, home: Dataset | None) -> Aggregate | None:
    """A metric as the plain sum or count of rows that it is; None for any other."""
    from bi_chat.sql.expressions import parse_metric

    found = model.metric(metric.name)
    if home is None or found is None:
        return None
    field = only_field(model, metric.name, home)
    if field is not None and "SUM" in found.expression.upper():
        return Aggregate(Fn.SUM, home.name, FieldRef(home.name, field.name))
    parts = parse_metric(found.expression).aggregates
    counts = len(parts) == 1 and parts[0].kind in ("count", "count_rows", "count_distinct") and not parts[0].filtered
    keyed = counts and not found.as_of and all((c.field,) == home.primary_key for c in parts[0].columns)
    return Aggregate(Fn.COUNT, home.name) if keyed else None
