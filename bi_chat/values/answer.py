"""Out: all that an asker gets. Text, HTML, JSON and notebook are views of it (see `conversation.views`)."""

from __future__ import annotations

from dataclasses import dataclass

from bi_chat.values.advice import Advice
from bi_chat.values.chart import Chart
from bi_chat.values.drivers import Drivers, UnusualPoints
from bi_chat.values.exchange import Sent
from bi_chat.values.fact import Fact
from bi_chat.values.forecast import Forecast
from bi_chat.values.issue import Issue, Suggestion
from bi_chat.values.plan import Plan
from bi_chat.values.question import Question
from bi_chat.values.reading import Phrase, Reading
from bi_chat.values.result import Result
from bi_chat.values.scenario import Relation, Scenario
from bi_chat.values.themes import FoundThemes


@dataclass(frozen=True, slots=True)
class Narrative:
    """Sentences fit to print; every number in them came from `facts`."""

    headline: str = ""
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds a stage took."""

    stage: str
    seconds: float


@dataclass(frozen=True, slots=True)
class AnswerValue:
    """status: answered, clarify (readings to choose from) or declined (issues say why).

    `how_read`, `assumptions`, `warnings` and `restatement` are in the asker's language.
    """

    question: Question
    status: str
    plan: Plan | None = None
    sql: str = ""
    result: Result | None = None
    chart: Chart | None = None
    facts: tuple[Fact, ...] = ()
    narrative: Narrative = Narrative()
    restatement: str = ""
    how_read: tuple[Phrase, ...] = ()
    assumptions: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()
    choices: tuple[Reading, ...] = ()
    next_questions: tuple[Suggestion, ...] = ()
    confidence: float = 0.0
    timings: tuple[Timing, ...] = ()
    text: str = ""
    drivers: Drivers | None = None
    forecasts: tuple[Forecast, ...] = ()
    unusual: UnusualPoints | None = None
    scenario: Scenario | None = None
    relation: Relation | None = None
    advice: Advice | None = None
    themes: FoundThemes | None = None
    sent: Sent | None = None
