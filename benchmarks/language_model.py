"""What of a question survives everything but the language model, and what a model that lies can do.

python -m benchmarks.language_model BI/questions.jsonl --databases BI/databases [--models BI/databases] --reader perfect
python -m benchmarks.language_model … --reader lying          answers each time, with another question's plan
python -m benchmarks.language_model … --reader down           never answers

A server on loopback speaks real HTTP in the model's place. The perfect reader replies with the plan by which the
embedded planner answers the question (one that the set's own scorer finds right is the plan of its gold). Predictions
go to --output, for the set's scorer; the sizes of prompts, what the excerpts held, and the time beside the model's are
printed. Run it with `--planner grammar` figures beside: no answer may be worse.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import replace
from datetime import datetime
from math import ceil
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bi_chat.conversation.evaluation import Asked, predict, read_questions  # noqa: E402
from bi_chat.conversation.running import Tools  # noqa: E402
from bi_chat.frontends.cli.evaluate import Databases  # noqa: E402
from bi_chat.language.registry import detect  # noqa: E402
from bi_chat.planners.grammar.planner import GrammarPlanner  # noqa: E402
from bi_chat.planners.llm.planner import instructions, schema_text  # noqa: E402
from bi_chat.planners.llm.shape import written  # noqa: E402
from bi_chat.semantics.model import SemanticModel  # noqa: E402
from bi_chat.settings import ModelServer as Server  # noqa: E402
from bi_chat.values.exchange import estimate  # noqa: E402
from bi_chat.values.parts import parts_of  # noqa: E402
from bi_chat.values.plan import FieldRef, Metric, Plan  # noqa: E402
from bi_chat.values.question import Question  # noqa: E402
from bi_chat.wiring import open_language_model  # noqa: E402
from tests.model_server import Body, Reply, model_server  # noqa: E402


class Reader:
    """Knows the plan of each question by its text; `kind` says what it makes of that."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.plans: list[Plan] = []
        self.now: Plan | None = None
        self.prompts: list[int] = []
        self._at = 0

    def __call__(self, path: str, body: Body) -> Reply:
        """The reply to a request."""
        self.prompts.append(estimate(*(m["content"] for m in body["messages"])))
        if self.kind == "down":
            return Reply("overloaded", status=503)
        plan = self.now
        if self.kind == "lying":
            self._at += 1
            plan = self.plans[self._at * 7 % len(self.plans)] if self.plans else None
        words = body["messages"][-1]["content"].rsplit("The question: ", 1)[-1].strip('"').split()
        name = next((p.name for p in parts_of(plan) if isinstance(p, Metric)), "")
        said = {
            "readings": [] if plan is None else [written(plan)],
            "meanings": [{"words": w, "name": name} for w in words] if self.kind == "lying" else [],
        }
        return Reply(json.dumps(said), pieces=1)


def needed(plan: Plan, model: SemanticModel) -> tuple[set[tuple[str, str]], set[str]]:
    """The fields and metrics that a plan names."""
    metrics = {p.name for p in parts_of(plan) if isinstance(p, Metric)}
    fields = {(p.dataset, p.field) for p in parts_of(plan) if isinstance(p, FieldRef) and p.dataset}
    return fields, metrics


def percentile(values: list[float], share: float) -> float:
    """The nearest rank."""
    return sorted(values)[max(0, ceil(len(values) * share) - 1)] if values else 0.0


def main() -> None:
    """Ask them all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--databases", type=Path, required=True)
    parser.add_argument("--models", type=Path)
    parser.add_argument("--reader", choices=("perfect", "lying", "down"), default="perfect")
    parser.add_argument("--when", choices=("always", "unsure"))
    parser.add_argument("--context", type=int, default=4_000)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    reader, embedded = Reader(options.reader), GrammarPlanner()
    asked = read_questions(options.questions.open(encoding="utf-8"))
    when = options.when or ("always" if options.reader == "perfect" else "unsure")
    made, recall, beside, whole = [], [], [], []
    with model_server(reader) as server:
        settings = Server("double", server.url, when=when, timeout=5, budget=0, context=options.context)
        databases = Databases(options.databases, options.models, None)
        db, previous = "", {}
        for one in asked:
            if one.db != db:
                databases._llm = None
                plain, db, previous = databases.open_tools(one.db), one.db, {}
                if isinstance(plain, str):
                    raise SystemExit(plain)
                llm = open_language_model(replace(databases._open.settings, llm=settings))
                if options.reader == "down":
                    llm.sleep = lambda seconds: None
                opened = replace(databases._open, settings=replace(databases._open.settings, llm=settings), llm=llm)
                tools = opened.tools()
                whole.append(_whole(plain.model))
            question = _question(one, previous.get(one.dialogue))
            own = embedded.understand(question, plain.model)
            reader.now = own.readings[0].plan if own.readings else None
            if reader.now is not None:
                reader.plans.append(reader.now)
                recall.append(_held(tools, question, reader.now, options.context))
            since = time.perf_counter()
            prediction, plan = predict(one.id, question, tools)
            beside.append(time.perf_counter() - since)
            if plan is not None and one.dialogue:
                previous[one.dialogue] = plan
            made.append(prediction)
        databases.close()
    if options.output:
        options.output.write_text("".join(p.to_json() + "\n" for p in made), "utf-8")
    counts = {s: sum(p.status == s for p in made) for s in ("answered", "clarify", "declined")}
    print(f"{len(made)} questions: {counts}")
    fixed = estimate(instructions(), schema_text())
    print(f"prompts: {median(reader.prompts or [0]):,.0f} tokens median, {percentile(reader.prompts, 0.95):,.0f} p95")
    print(f"  of which instructions {estimate(instructions()):,}; the schema {fixed - estimate(instructions()):,} more")
    print(f"whole models: {', '.join(f'{w:,}' for w in whole)} tokens")
    if recall:
        print(f"all that is needed is in the excerpt: {100 * sum(recall) / len(recall):.2f} % of {len(recall)} plans")
    slow = 1000 * percentile(beside, 0.95)
    print(f"a question, the double's reply included: {1000 * median(beside):.0f} ms median, {slow:.0f} p95")


def _question(one: Asked, previous: Plan | None) -> Question:
    at = datetime.fromisoformat(one.today) if one.today else datetime(2025, 6, 18)
    return Question(one.text, at, detect(one.text), previous=previous if one.dialogue else None)


def _held(tools: Tools, question: Question, plan: Plan, context: int) -> bool:
    from bi_chat.planners.llm.excerpt import excerpt
    from bi_chat.semantics.lexica import lexicon_of

    model = tools.model
    shown = excerpt(question, model, lexicon_of(model), tokens=context, values=True)
    fields, metrics = needed(plan, model)
    return fields <= shown.fields and metrics <= shown.metrics


def _whole(model: SemanticModel) -> int:
    from bi_chat.planners.llm.excerpt import excerpt
    from bi_chat.semantics.lexica import lexicon_of

    at = datetime(2025, 6, 18)
    return estimate(excerpt(Question("", at), model, lexicon_of(model), tokens=10**9, values=True).text)


if __name__ == "__main__":
    main()
