"""Out: what stands in the way of an answer, as something the asker can act on. Returned, never raised."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class IssueCode(StrEnum):
    """Every kind of issue; each has a sentence in every language and a test."""

    EMPTY_QUESTION = "empty_question"
    UNKNOWN_WORD = "unknown_word"
    AMBIGUOUS = "ambiguous"
    UNSURE = "unsure"
    NO_MEASURE = "no_measure"
    NOT_JOINABLE = "not_joinable"
    FAN_OUT = "fan_out"
    OUTSIDE_PERIOD = "outside_period"
    NO_TIME_FIELD = "no_time_field"
    READ_ONLY = "read_only"
    OFF_TOPIC = "off_topic"
    UNSUPPORTED = "unsupported"
    MASKED = "masked"
    REFUSED_SQL = "refused_sql"
    TIME_LIMIT = "time_limit"
    MEMORY_LIMIT = "memory_limit"
    CANCELLED = "cancelled"
    RESULT_SIZE = "result_size"
    ENGINE_BUSY = "engine_busy"
    DATA_CHANGED = "data_changed"
    ENGINE_FAILED = "engine_failed"
    EMPTY_RESULT = "empty_result"
    ORDERS = "orders"
    SENDING = "sending"
    SCHEDULE = "schedule"
    EXPORT = "export"
    FILES = "files"
    ENDLESS = "endless"
    RUDE = "rude"
    JUDGEMENT = "judgement"
    EXPLAIN = "explain"
    COLUMN = "column"
    NOT_RECORDED = "not_recorded"
    NO_ACCESS = "no_access"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something to click or type next: `text` is a whole question or a word, `label` what the button says."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Issue:
    """`understood`, `problem` and `exists` are finished sentences; `span` points into the question.

    `fields` are the names and values they were made of: from them narration says the same in another language.
    """

    code: IssueCode
    problem: str
    understood: str = ""
    exists: str = ""
    suggestions: tuple[Suggestion, ...] = ()
    span: tuple[int, int] | None = None
    fields: tuple[tuple[str, str], ...] = ()
