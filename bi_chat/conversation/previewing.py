"""In: a measure that somebody is defining, the tools. Out: what it comes to, by year where it has a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bi_chat.conversation.pipeline import carry_out
from bi_chat.conversation.running import Tools
from bi_chat.semantics.model import MetricDefinition
from bi_chat.values.answer import AnswerValue
from bi_chat.values.period import Grain
from bi_chat.values.plan import TIME, Dimension, Measured, Metric, Plan, TimeBucket
from bi_chat.values.question import Question
from bi_chat.values.reading import Reading


def metric_preview(metric: MetricDefinition, tools: Tools, asked_at: datetime, language: str) -> AnswerValue:
    """The answer to the measure alone; one that has no time is told as a whole."""
    others = tuple(m for m in tools.model.metrics if m.name.lower() != metric.name.lower())
    seen = replace(tools, model=replace(tools.model, metrics=(*others, metric), _index={}))
    whole = Plan(measures=(Measured(Metric(metric.name)),))
    by_year = replace(whole, dimensions=(Dimension(TimeBucket(TIME, Grain.YEAR)),))
    question = Question("", asked_at, language)
    made = carry_out(question, Reading(by_year, 1.0), seen)
    return made if made.status == "answered" else carry_out(question, Reading(whole, 1.0), seen)
