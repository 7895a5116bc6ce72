"""In: a file of questions and a folder of databases. Out: a prediction for each, without looking at any answer.

A question is a JSON object with `id`, `db`, `question` and, where they apply, `today`, `dialogue` and `turn`; other
keys are not read. Rows of one dialogue are asked in order of `turn`, in a session of their own.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from bi_chat.conversation.about import about
from bi_chat.conversation.analyses import investigate
from bi_chat.conversation.choices import ways
from bi_chat.conversation.investigate import driver_of
from bi_chat.conversation.pipeline import decide
from bi_chat.conversation.running import Tools
from bi_chat.language.registry import detect
from bi_chat.sql.compile import compile_plan
from bi_chat.sql.guard import check
from bi_chat.values.analyses import Anomalies, Forecast, Themes, Why
from bi_chat.values.answer import AnswerValue
from bi_chat.values.issue import Issue
from bi_chat.values.plan import FieldRef, Metric, Plan, TimeBucket
from bi_chat.values.query import Query
from bi_chat.values.question import Question


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of a file."""

    id: str
    db: str
    text: str
    today: str = ""
    dialogue: str = ""
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the product made of a question; `to_json` is one line of the predictions file."""

    id: str
    status: str
    sql: str | None = None
    chart: tuple[tuple[str, object], ...] | None = None
    forecast: tuple[tuple[str, object], ...] | None = None
    driver: tuple[tuple[str, object], ...] | None = None
    confidence: float = 0.0
    seconds: float = 0.0
    text: str = ""
    anomalies: tuple[str, ...] = ()

    def to_json(self) -> str:
        """One line."""
        parts = {
            "id": self.id,
            "status": self.status,
            "sql": self.sql,
            "chart": dict(self.chart) if self.chart else None,
            "forecast": dict(self.forecast) if self.forecast else None,
            "driver": dict(self.driver) if self.driver else None,
            "confidence": round(self.confidence, 4),
            "seconds": round(self.seconds, 6),
            "latency_ms": round(self.seconds * 1000, 3),
            "text": self.text,
            "anomalies": list(self.anomalies),
        }
        return json.dumps(parts, ensure_ascii=False)


def read_questions(lines: Iterable[str]) -> list[Asked]:
    """Questions of a JSON-lines file, dialogues in order of their turns."""
    found = []
    for line in lines:
        if not line.strip():
            continue
        row = json.loads(line)
        found.append(
            Asked(
                str(row["id"]),
                str(row["db"]),
                str(row["question"]),
                str(row.get("today") or ""),
                str(row.get("dialogue") or ""),
                int(row.get("turn") or 0),
            )
        )
    return sorted(found, key=lambda q: (q.db, q.dialogue, q.turn) if q.dialogue else (q.db, "", 0))


def evaluate(
    questions: list[Asked], open_tools: Callable[[str], Tools | str], *, now: datetime
) -> Iterator[Prediction]:
    """Predictions in the order of `questions`; `open_tools` gives the tools of a database, or says why it can't."""
    tools: Tools | str = ""
    db = ""
    previous: dict[str, Plan] = {}
    for asked in questions:
        if asked.db != db:
            tools, db, previous = open_tools(asked.db), asked.db, {}
        if isinstance(tools, str):
            yield Prediction(asked.id, "declined", text=tools)
            continue
        at = datetime.fromisoformat(asked.today) if asked.today else now
        question = Question(
            asked.text, at, detect(asked.text), previous=previous.get(asked.dialogue) if asked.dialogue else None
        )
        try:
            made, plan = predict(asked.id, question, tools)
        except Exception as error:  # one question must not cost the others
            made, plan = (
                Prediction(asked.id, "declined", text=f"{type(error).__name__} while reading the question"),
                None,
            )
        if plan is not None and asked.dialogue:
            previous[asked.dialogue] = plan
        yield made


def predict(identity: str, question: Question, tools: Tools) -> tuple[Prediction, Plan | None]:
    """One prediction, and the plan that a follow-up would edit."""
    started = time.perf_counter()
    understood = tools.planner.understand(question, tools.model)
    if understood.about is not None:
        text = about(understood.about, tools.model, question.language)
        return Prediction(identity, "answered", confidence=0.9, seconds=time.perf_counter() - started, text=text), None
    decision = decide(understood, tools.threshold)
    if isinstance(decision, tuple) and understood.sql:
        return Prediction(identity, "answered", understood.sql, seconds=time.perf_counter() - started), None
    if isinstance(decision, tuple):
        status = "clarify" if len(decision) > 1 and not decision[0].unexplained else "declined"
        confidence = decision[0].confidence if decision else 0.0
        plan = decision[0].plan if decision else None
        return Prediction(identity, status, confidence=confidence, seconds=time.perf_counter() - started), plan
    return _carried(identity, question, decision.plan, decision.confidence, tools, started), decision.plan


def _carried(
    identity: str, question: Question, plan: Plan, confidence: float, tools: Tools, started: float
) -> Prediction:
    if isinstance(plan.analysis, Why | Anomalies | Themes):
        return _investigated(identity, question, plan, confidence, tools, started)
    query = compile_plan(plan, tools.model, question.asked_on)
    if not isinstance(query, Issue):
        query = asked_columns(query, plan)
    if isinstance(query, Issue):
        status = "clarify" if ways(query, plan, tools.model, confidence=confidence) else "declined"
        return Prediction(identity, status, seconds=time.perf_counter() - started, text=query.problem)
    checked = check(query, tools.catalog, row_limit=1_000_000)
    seconds = time.perf_counter() - started
    if isinstance(checked, Issue):
        return Prediction(identity, "declined", sql=query.sql, seconds=seconds, text=checked.problem)
    return Prediction(
        identity,
        "answered",
        query.sql,
        chart_of(plan, query, tools),
        forecast_of(plan, tools),
        None,
        confidence,
        seconds,
    )


def _investigated(
    identity: str, question: Question, plan: Plan, confidence: float, tools: Tools, started: float
) -> Prediction:
    """The driver that is named first, the points that are unusual, or the themes in their order."""
    told = investigate(AnswerValue(question, "declined", plan=plan), plan, tools)
    seconds = time.perf_counter() - started
    top = driver_of(told.drivers) if told.drivers is not None else None
    return Prediction(
        identity,
        told.status,
        told.sql or None,
        driver=(("dimension", top[0]), ("value", top[1])) if top is not None else None,
        confidence=confidence,
        seconds=seconds,
        text="\n".join((told.narrative.headline, *(t.name for t in told.themes.themes)))
        if told.themes
        else told.narrative.headline,
        anomalies=tuple(str(p.at) for p in told.unusual.points) if told.unusual is not None else (),
    )


def asked_columns(query: Query, plan: Plan) -> Query:
    """The columns that were asked for: figures that only choose or order the rows of a list are left out."""
    from sqlglot import exp

    listed = plan.base is not None and not plan.measures
    shown = [c for c in query.columns if not c.hidden and not (listed and c.role == "measure")]
    if len(shown) == len(query.columns) or not shown:
        return query
    names = [exp.column(exp.to_identifier(c.name, quoted=True)) for c in shown]
    tree = exp.select(*names).from_(query.tree.subquery("listed"))  # type: ignore[attr-defined]
    return replace(query, tree=tree, columns=tuple(shown))


def chart_of(plan: Plan, query: Query, tools: Tools) -> tuple[tuple[str, object], ...] | None:
    """Type and columns of the chart, from the rows themselves."""
    from bi_chat.charts.choose import choose_chart
    from bi_chat.errors import EngineError

    if plan.chart is None and not plan.dimensions:
        return None
    checked = check(query, tools.catalog, row_limit=2_000)
    if isinstance(checked, Issue):
        return None
    try:
        chart = choose_chart(tools.engine.run(checked, timeout=10), plan, requested=plan.chart)
    except EngineError:
        return None
    return (
        ("type", chart.type),
        ("x", chart.x),
        ("y", chart.y[0] if len(chart.y) == 1 else list(chart.y) or None),
        ("color", chart.color),
    )


def forecast_of(plan: Plan, tools: Tools) -> tuple[tuple[str, object], ...] | None:
    """Set-up of a forecast."""
    if not isinstance(plan.analysis, Forecast):
        return None
    group = next((d.of for d in plan.dimensions if not isinstance(d.of, TimeBucket)), None)
    first = plan.measures[0].of
    return (
        ("measure", first.name if isinstance(first, Metric) else query_label(plan)),
        ("grain", plan.analysis.grain.value),
        ("horizon", plan.analysis.horizon),
        ("group_by", group.field if isinstance(group, FieldRef) else None),
    )


def query_label(plan: Plan) -> str:
    """A short name of the first measure."""
    return plan.measures[0].label or type(plan.measures[0].of).__name__.lower()
