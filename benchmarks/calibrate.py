"""Learns the weights of doubt from verified questions: how likely a reading is right, given what speaks against it.

    python benchmarks/calibrate.py --questions Q.jsonl --databases DIR [--models DIR] [--weight W] --wrong WRONG.jsonl
                                   [--write]

The options may be repeated together. --wrong holds the ids that a scorer found wrong when every reading is answered,
one JSON object with "id" a line, with "skip": true where no statement came of it; --models is given once for each
--questions, "-" for none; --weight tells how much a set counts. Cross-validated by database; prints the reliability
tables, and with --write replaces bi_chat/planners/grammar/weights.yaml. Ridge logistic regression by Newton steps, in
which a wrong answer weighs more than a right one: nobody is warned of it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np

from bi_chat.conversation.evaluation import Asked, read_questions
from bi_chat.engines.duckdb import DuckDBEngine
from bi_chat.language.registry import detect
from bi_chat.planners.grammar.doubt import features, weights
from bi_chat.planners.grammar.planner import GrammarPlanner
from bi_chat.settings import Settings
from bi_chat.values.plan import Plan
from bi_chat.values.question import Question
from bi_chat.worlds.models import prepare_model

WEIGHTS = Path(__file__).parents[1] / "bi_chat" / "planners" / "grammar" / "weights.yaml"
RIDGE = 1.0
WRONG_COSTS = 1.3  # a wrong answer against a right one that is withheld
Row = tuple[dict[str, float], bool, str]


def rows_of(questions: Path, databases: Path, models: str, wrong: Path, cache: Path) -> Iterator[Row]:
    """Features of each question, in its dialogue, whether it was right, and its database."""
    missed = {(row := json.loads(line))["id"]: bool(row.get("skip")) for line in wrong.open(encoding="utf-8")}
    by_database: dict[str, list[Asked]] = {}
    for asked in read_questions(questions.open(encoding="utf-8")):
        by_database.setdefault(asked.db, []).append(asked)
    for name, asked_here in by_database.items():
        engine = DuckDBEngine(databases / f"{name}.duckdb")
        model_file = None if models == "-" else Path(models) / f"{name}.yaml"
        model = prepare_model(engine, engine.catalog(), model_file, Settings(cache_dir=cache))
        planner = GrammarPlanner()
        known = planner.knowledge(model)
        previous: dict[str, Plan] = {}
        for asked in asked_here:
            at = datetime.fromisoformat(asked.today) if asked.today else datetime(2025, 6, 18)
            before = previous.get(asked.dialogue) if asked.dialogue else None
            question = Question(asked.text, at, detect(asked.text), previous=before)
            pieces, _ = planner.pieces(question, known)
            draft = planner.draft(question, known, pieces)
            if draft is None:
                continue
            previous[asked.dialogue] = draft.plan
            if not missed.get(asked.id, False):
                found = features(draft.plan, draft.sketch, draft.trace, model)
                yield found, asked.id not in missed, name
        engine.close()


def fit(x: np.ndarray, y: np.ndarray, each: np.ndarray) -> np.ndarray:
    """Weights of a ridge logistic regression; the first column is the bias and is not shrunk. `each`: a row's own."""
    ridge = np.diag([1e-3] + [RIDGE] * (x.shape[1] - 1))
    found = np.zeros(x.shape[1])
    for _ in range(60):
        p = 1 / (1 + np.exp(-x @ found))
        hessian = (x * (each * p * (1 - p) + 1e-6)[:, None]).T @ x + ridge
        found += np.linalg.solve(hessian, x.T @ (each * (y - p)) - ridge @ found)
    return found


def held_out(x: np.ndarray, y: np.ndarray, each: np.ndarray, groups: list[str], folds: int = 5) -> np.ndarray:
    """Probability of each question by weights learnt on other databases."""
    names = sorted(set(groups))
    fold = {name: i % folds for i, name in enumerate(names)}
    out = np.zeros(len(y))
    for k in range(folds):
        test = np.array([fold[g] == k for g in groups])
        if test.any() and not test.all():
            out[test] = 1 / (1 + np.exp(-x[test] @ fit(x[~test], y[~test], each[~test])))
    return out


def print_reliability(title: str, said: np.ndarray, y: np.ndarray) -> None:
    """How many readings of each confidence are right."""
    print(f"\n{title}\n\n| said | readings | right |\n|---|---|---|")
    for low in np.arange(0.0, 1.0, 0.1):
        inside = (said >= low) & (said < low + 0.1)
        if inside.any():
            print(f"| {low:.1f} to {low + 0.1:.1f} | {inside.sum()} | {y[inside].mean():.0%} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("questions", "databases", "wrong"):
        parser.add_argument(f"--{name}", action="append", required=True, type=Path)
    parser.add_argument("--models", action="append", default=[])
    parser.add_argument("--weight", action="append", default=[], type=float)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    models = args.models or ["-"] * len(args.questions)
    with tempfile.TemporaryDirectory() as cache:
        sets = zip(args.questions, args.databases, models, args.wrong, strict=True)
        by_set = [list(rows_of(*each, Path(cache))) for each in sets]
    data = [row for rows in by_set for row in rows]
    own = args.weight or [1.0] * len(by_set)
    each = np.array([weight for weight, rows in zip(own, by_set, strict=True) for _ in rows])
    names = list(data[0][0])
    x = np.array([[f[n] for n in names] for f, _, _ in data])
    y = np.array([float(right) for _, right, _ in data])
    each = each * np.where(y > 0, 1.0, WRONG_COSTS)
    probability = held_out(x, y, each, [g for _, _, g in data])
    print(f"{len(y)} readings, {y.mean():.1%} right")
    shipped = 1 / (1 + np.exp(-x @ np.array([weights().get(name, 0.0) for name in names])))
    for title, said in (("learnt on other databases", probability), ("by the weights as they stand", shipped)):
        print_reliability(title, said, y)
    lines = [f"  {name}: {weight:.3f}" for name, weight in zip(names, fit(x, y, each), strict=True)]
    if args.write:
        head = WEIGHTS.read_text("utf-8").split("weights:")[0]
        WEIGHTS.write_text(head + "weights:\n" + "\n".join(lines) + "\n", "utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
