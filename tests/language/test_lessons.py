"""Sentences that teach a word are told from questions."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bi_chat.language.registry import Taught, lesson_in

CORPUS = yaml.safe_load((Path(__file__).parents[1] / "fixtures/language/lessons.yaml").read_text("utf-8"))
TAUGHT = [(code, case) for code, cases in CORPUS.items() for case in cases["taught"]]
QUESTIONS = [(code, text) for code, cases in CORPUS.items() for text in cases["questions"]]


@pytest.mark.parametrize(("code", "case"), TAUGHT, ids=[c["text"] for _, c in TAUGHT])
def test_a_lesson_is_heard(code: str, case: dict[str, object]) -> None:
    found = lesson_in(str(case["text"]), code)
    assert found is not None
    wanted = Taught(str(case["says"]), str(case.get("means", "")), bool(case.get("forget")), found.sure)
    assert found == wanted


@pytest.mark.parametrize(("code", "text"), QUESTIONS)
def test_a_question_teaches_nothing(code: str, text: str) -> None:
    assert lesson_in(text, code) is None
