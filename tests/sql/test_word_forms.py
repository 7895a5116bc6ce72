"""Words that texts mention: found in their usual forms, as whole words, and never as part of an expression."""

from __future__ import annotations

import re

import pytest

from bi_chat.sql.word_forms import word_forms


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("battery", "two batteries died"),
        ("batteries", "the battery died"),
        ("leaks", "it leaked, still leaking"),
        ("leak", "leaks."),
        ("boxes", "one box"),
        ("price", "prices rose"),
        ("stopping", "it stopped"),
        ("customer service", "customer-service was kind"),
        ("wifi", "no wifi"),
    ],
)
def test_forms_of_a_word_are_found(said: str, text: str) -> None:
    assert re.search(word_forms(said), text)


@pytest.mark.parametrize(
    ("said", "text"),
    [("tea", "the team came"), ("price", "priceless"), ("art", "party"), ("bag", "garbage"), ("box", "inbox")],
)
def test_other_words_are_not(said: str, text: str) -> None:
    assert not re.search(word_forms(said), text)


def test_marks_in_what_was_said_stay_marks() -> None:
    assert word_forms(".*(") == ""
    assert word_forms("a.*|b") == r"\ba[^a-z0-9]+b\b"
