"""In: a checked query, or a plan, and the tools. Out: rows, or an issue that says why there are none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from threading import Event

from bi_chat.errors import (
    DataChanged,
    EngineBusy,
    EngineError,
    QueryCancelled,
    QueryOutOfMemory,
    QueryTimeout,
    ResultTooLarge,
)
from bi_chat.narration.issues import issue as say_issue
from bi_chat.narration.labels import labelled
from bi_chat.ports import Engine, Planner
from bi_chat.semantics.model import SemanticModel
from bi_chat.sql.compile import compile_plan
from bi_chat.sql.guard import check
from bi_chat.values.catalog import Catalog
from bi_chat.values.foretold import KeptForecast
from bi_chat.values.issue import Issue, IssueCode
from bi_chat.values.learned import Learned
from bi_chat.values.plan import Plan
from bi_chat.values.policy import Access
from bi_chat.values.query import CheckedQuery
from bi_chat.values.result import Result

_ISSUES: dict[type[EngineError], IssueCode] = {
    QueryOutOfMemory: IssueCode.MEMORY_LIMIT,
    QueryCancelled: IssueCode.CANCELLED,
    ResultTooLarge: IssueCode.RESULT_SIZE,
    EngineBusy: IssueCode.ENGINE_BUSY,
    DataChanged: IssueCode.DATA_CHANGED,
}


@dataclass(frozen=True, slots=True)
class Tools:
    """What the stages need: the model, the data, the planner, what the asker taught.

    `threshold`: below it we ask back or decline. `progress` hears that a query waits for its turn or runs.
    `stop` is set when the asker gives up; `foretold` gives the asker's earlier forecasts, None where none are kept.
    Under a policy these are what one user can see, and `access` says how that came to be.
    """

    model: SemanticModel
    catalog: Catalog
    engine: Engine
    planner: Planner
    row_limit: int = 10_000
    timeout: float | None = None
    threshold: float = 0.5
    progress: Callable[[str], None] | None = None
    learned: Learned = Learned()
    access: Access | None = None
    stop: Event = field(default_factory=Event)
    foretold: Callable[[], tuple[KeptForecast, ...]] | None = None


def run(checked: CheckedQuery, tools: Tools, language: str) -> Result | Issue:
    """Rows, or an issue that says why there are none."""
    try:
        return tools.engine.run(checked, timeout=tools.timeout, progress=tools.progress)
    except QueryTimeout:
        return say_issue(IssueCode.TIME_LIMIT, language, seconds=f"{tools.timeout or 30:g}")
    except EngineError as error:
        code = _ISSUES.get(type(error))
        return say_issue(code, language) if code else say_issue(IssueCode.ENGINE_FAILED, language, reason=str(error))


def runner(
    tools: Tools, asked_on: date, language: str, *, row_limit: int | None = None
) -> Callable[[Plan, SemanticModel], Result | Issue]:
    """Runs the plans of an analysis: each is compiled, guarded and run like any other."""

    def run_plan(plan: Plan, model: SemanticModel) -> Result | Issue:
        query = compile_plan(plan, model, asked_on)
        if isinstance(query, Issue):
            return query
        checked = check(query, tools.catalog, row_limit=row_limit or tools.row_limit)
        rows = checked if isinstance(checked, Issue) else run(checked, tools, language)
        if isinstance(rows, Issue):
            return rows
        return replace(rows, columns=labelled(rows.columns, plan, model, language, asked_on))

    return run_plan
