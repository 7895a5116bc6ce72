"""In: a question and a semantic model. Out: readings that a language model proposed and that were checked here.

The model fills in a typed plan. Names that the model of the data doesn't hold, plans that can't be compiled and
statements that the guard refuses go back to it with the reason, at most twice. It states no figure, and nothing that it
writes runs unchecked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from time import perf_counter

from bi_chat.planners.llm.excerpt import Excerpt, excerpt, quoted
from bi_chat.planners.llm.proposal import Meaning, Proposal, field_named, read_proposal
from bi_chat.planners.llm.shape import Misfit, schema_of, written
from bi_chat.ports import LanguageModel
from bi_chat.semantics.lexica import lexicon_of
from bi_chat.semantics.model import MASKED, SemanticModel
from bi_chat.sql.compile import compile_plan
from bi_chat.values.analyses import Mentioned, WhatIf, WhyApart
from bi_chat.values.exchange import ModelReply, ModelRequest, Sent
from bi_chat.values.issue import Issue, IssueCode
from bi_chat.values.parts import parts_of
from bi_chat.values.plan import FieldRef, In, Literal, Plan, TextMatch
from bi_chat.values.question import Question
from bi_chat.values.reading import Phrase, Reading, Understanding

ROUNDS = 3
TRUST = 0.55
EARLIER = 3
MOST_TOKENS = 4_000
_LONGEST_QUESTION = 2_000


@dataclass(frozen=True, slots=True)
class ModelPlanner:
    """Asks `model`. `share` is schema (names only) or values (examples of them too); never rows.

    `dry_run` says what is wrong with a statement, without its rows; None: no SQL is taken. `stop` ends the asking.
    """

    model: LanguageModel
    share: str = "values"
    tokens: int = MOST_TOKENS
    dry_run: Callable[[str], Issue | None] | None = None
    user: str = ""
    stop: Callable[[], bool] | None = None

    def understand(self, question: Question, model: SemanticModel) -> Understanding:
        """Checked readings, or none; `sent` tells what left this machine. Raises LanguageModelError."""
        began = perf_counter()
        shown = excerpt(question, model, lexicon_of(model), tokens=self.tokens, values=self.share == "values")
        earlier = told_plan(question.previous, model, values=self.share == "values")
        said = [("user", prompt(question, shown, earlier))]
        replies: list[ModelReply] = []
        proposal = Proposal()
        for _ in range(ROUNDS):
            request = ModelRequest(instructions(), tuple(said), schema_text())
            replies.append(self.model.complete(request, user=self.user, stop=self.stop))
            proposal, faults = self._checked(replies[-1].text, question, model)
            if not faults:
                break
            said += [("assistant", replies[-1].text[:8_000]), ("user", _mend(faults))]
        return replace(
            understanding(proposal, question, model), sent=self._sent(replies, shown, earlier, perf_counter() - began)
        )

    def _checked(self, text: str, question: Question, model: SemanticModel) -> tuple[Proposal, list[str]]:
        """What of a reply can be used, and what is wrong with the rest."""
        try:
            made = read_proposal(text, model)
        except Misfit as misfit:
            return Proposal(), [str(misfit)]
        faults, sound = [], []
        for at, plan in enumerate(made.readings):
            query = compile_plan(plan, model, question.asked_on)
            if isinstance(query, Issue):
                faults.append(f"readings[{at}] can't be carried out: {query.problem}")
            else:
                sound.append(plan)
        sql = made.sql if self.dry_run is not None and not made.readings else None
        if sql and self.dry_run is not None and (issue := self.dry_run(sql)) is not None:
            faults.append(f"sql: {issue.problem}")
            sql = None
        return replace(made, readings=tuple(sound), sql=sql), faults

    def _sent(self, replies: list[ModelReply], shown: Excerpt, earlier: Plan | None, seconds: float) -> Sent:
        kinds = (
            "question",
            "names",
            *(("values",) if shown.values else ()),
            *(("earlier",) if earlier is not None else ()),
        )
        return Sent(
            self.model.name,
            self.model.server,
            len(replies),
            sum(r.tokens_in for r in replies),
            sum(r.tokens_out for r in replies),
            kinds,
            seconds,
        )


def understanding(proposal: Proposal, question: Question, model: SemanticModel) -> Understanding:
    """The readings of a proposal; what it misses, if it quotes the question, as an issue."""
    phrases = tuple(_phrases(proposal.meanings, question, model))
    share = TRUST if len(proposal.readings) == 1 else 0.45
    readings = tuple(Reading(plan, share, phrases) for plan in dict.fromkeys(proposal.readings))
    missing = [m for m in proposal.missing if m and m.lower() in question.text.lower()]
    issues: tuple[Issue, ...] = ()
    if missing and not readings:
        known = ", ".join(
            [m.label or m.name for m in model.metrics][:6] or [d.label or d.name for d in model.datasets][:6]
        )
        fields = (("word", ", ".join(missing[:3])), ("understood", ""), ("known", known))
        issues = (Issue(IssueCode.UNKNOWN_WORD, f"There is no {missing[0]} in these data.", fields=fields),)
    return Understanding(readings, issues, sql=proposal.sql or "")


def _phrases(meanings: tuple[Meaning, ...], question: Question, model: SemanticModel) -> Iterator[Phrase]:
    """Only what the question really says, called as our own names call it."""
    for one in meanings:
        at = question.text.lower().find(one.words.lower()) if one.words else -1
        found = _spoken(one.name, model)
        if at >= 0 and found is not None:
            role, meaning = found
            yield Phrase((at, at + len(one.words)), question.text[at : at + len(one.words)], role, meaning)


def _spoken(name: str, model: SemanticModel) -> tuple[str, str] | None:
    if (metric := model.metric(name)) is not None:
        return "measure", metric.label or metric.name
    if (dataset := model.dataset(name)) is not None:
        return "dataset", dataset.label or dataset.name
    try:
        ref = field_named(name, model)
    except Misfit:
        return None
    one = model.field(ref.dataset, ref.field)
    return ("dimension", one.label or one.name) if one is not None else None


def told_plan(plan: Plan | None, model: SemanticModel, *, values: bool) -> Plan | None:
    """The plan before, if it may be told: one that holds a value is kept back where values stay here, and wherever it
    names a field that is masked or about persons."""
    parts = tuple(parts_of(plan))
    holds = any(isinstance(p, Literal | In | TextMatch | WhyApart | WhatIf | Mentioned) for p in parts)
    fields = [model.field(p.dataset, p.field) for p in parts if isinstance(p, FieldRef)]
    personal = any(f is not None and (f.kind == MASKED or f.sensitivity) for f in fields)
    return None if holds and (personal or not values) else plan


def prompt(question: Question, shown: Excerpt, before: Plan | None = None) -> str:
    """What is said about one question: the model's excerpt, the day, the plan before, the words."""
    earlier = "none"
    if before is not None:
        earlier = json.dumps(written(before), ensure_ascii=False).replace("<", "\\u003c")
    text = json.dumps(question.text[:_LONGEST_QUESTION], ensure_ascii=False).replace("<", "\\u003c")
    return (
        f"<data>\n{shown.text}\n</data>\n"
        f"Today is {question.asked_on.isoformat()}, a {question.asked_on:%A}.\n"
        f"The plan of the question before, which this one may go on from: {earlier}\n"
        f"The question: {text}"
    )


def _mend(faults: list[str]) -> str:
    listed = "\n".join(f"- {quoted(fault)}" for fault in faults[:5])
    return (
        f"That does not fit:\n{listed}\nSend the whole JSON object again, mended. If the data can't answer it, say so."
    )


@cache
def instructions() -> str:
    """What every question begins with."""
    return resources.files("bi_chat.planners.llm").joinpath("instructions.md").read_text("utf-8")


@cache
def schema_text() -> str:
    """The JSON Schema of a reply."""
    return json.dumps(schema_of(Proposal), separators=(",", ":"))
