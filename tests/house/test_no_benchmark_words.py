"""No question of a benchmark stands word for word in the product: the general rule is wanted, not the case."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tree import BENCHMARKS, texts

HAN = re.compile(r"[\u4e00-\u9fff]")
LEAST = {"han": 12, "other": 28}  # characters: shorter questions are anybody's words
KEYS = ("question", "utterance", "query_text")

pytestmark = pytest.mark.skipif(not BENCHMARKS.is_dir(), reason="the measured data do not lie beside this clone")


def asked() -> Iterator[tuple[Path, str]]:
    """Every question text of the benchmarks, lower-cased and without its closing mark."""
    for file in sorted(BENCHMARKS.rglob("*.jsonl")):
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                try:
                    row = json.loads(line)
                except ValueError:
                    continue
                for key in KEYS if isinstance(row, dict) else ():
                    if isinstance(row.get(key), str):
                        yield file, row[key].strip().lower().rstrip("?.!？。！ ")


def test_no_question_of_a_benchmark_stands_in_the_product() -> None:
    product = "\n".join(
        text.lower() for file, text in texts().items() if file.split("/")[0] in ("bi_chat", "datasets", "examples")
    )
    questions = set(asked())
    assert len(questions) > 500
    found = [
        f"{file.relative_to(BENCHMARKS)}: {text[:90]}"
        for file, text in sorted(questions)
        if len(text) >= LEAST["han" if HAN.search(text) else "other"] and text in product
    ]
    assert found == []
