"""A forecast is held against what came: by its asker, under the same rights, in words and in a picture."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from bi_chat.conversation.answer import Answer
from bi_chat.settings import Settings
from bi_chat.stores.sqlalchemy import SqlStore, open_store
from bi_chat.wiring import connect

THEN, NOW = datetime(2025, 1, 16), datetime(2025, 5, 16)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_store(f"sqlite:///{tmp_path}/store.sqlite")
    yield opened
    opened.close()


def asked(folder: Path, store: SqlStore | None, at: datetime, *questions: str, user: str = "ada") -> list[Answer]:
    """Answers over two towns' sales up to the moment of asking, a row for each town and month."""
    chance = random.Random(3)
    rows = []
    for month in range((at.year - 2022) * 12 + at.month):
        day = f"{2022 + month // 12}-{month % 12 + 1:02d}-15"
        for town in ("Ulm", "Trier"):
            rows.append(f"{day},{town},{1000 + 20 * month + 15 * (month % 12) + chance.gauss(0, 40):.2f}")
    (folder / "sales.csv").write_text("sold_on,town,amount\n" + "\n".join(rows) + "\n", encoding="utf-8")
    opened = connect(folder / "sales.csv", settings=Settings(cache_dir=folder / "cache"))
    session = opened.session(user=user, today=at, store=store)
    answers = [session.ask(question) for question in questions]
    opened.close()
    return answers


def test_what_was_foretold_is_checked_when_it_has_come(tmp_path: Path, store: SqlStore) -> None:
    [made] = asked(tmp_path, store, THEN, "forecast amount for the next 6 months")
    [told] = asked(tmp_path, store, NOW, "how accurate were your past forecasts?")
    assert told.status == "answered"
    assert told.frame.height == 4  # January to April are over, May and June are not
    foretold = made.frame.filter(made.frame["forecast"].is_not_null())["forecast"].to_list()
    assert told.frame["forecast"].to_list() == pytest.approx(foretold[:4])
    actual, expected = told.frame["actual"].to_list(), told.frame["forecast"].to_list()
    error = sum(abs(a - e) for a, e in zip(actual, expected, strict=True)) / sum(actual)
    fact = dict(told.value.facts[0].values)
    assert fact["error"] == pytest.approx(error)
    assert fact["inside_80"] == sum(
        low <= a <= high for a, low, high in zip(actual, told.frame["low (80%)"], told.frame["high (80%)"], strict=True)
    )
    assert f"{error:.1%}" in told.text
    assert "repeating the value one season before" in told.text
    assert told.figure is not None


def test_groups_can_be_asked_about_by_name(tmp_path: Path, store: SqlStore) -> None:
    asked(tmp_path, store, THEN, "forecast amount by town for the next 3 months")
    both, one = asked(tmp_path, store, NOW, "以前的预测准吗", "how accurate were the forecasts of amount in Ulm?")
    assert "平均误差" in both.text and both.frame.height == 6
    assert one.frame.height == 3


def test_nothing_is_checked_before_its_time(tmp_path: Path, store: SqlStore) -> None:
    first, _, second = asked(
        tmp_path, store, THEN, "how good were your predictions?", "forecast amount for the next 2 months", "预测准不准"
    )
    assert "no forecast of yours" in first.text
    assert "尚未到来" in second.text


def test_another_person_has_no_forecasts(tmp_path: Path, store: SqlStore) -> None:
    asked(tmp_path, store, THEN, "forecast amount for the next 6 months")
    [told] = asked(tmp_path, store, NOW, "how accurate were your past forecasts?", user="eve")
    assert "no forecast of yours" in told.text
    [told] = asked(tmp_path, None, NOW, "how accurate were your past forecasts?")
    assert "nothing is kept" in told.text


def test_after_looking_back_a_forecast_is_asked_anew(tmp_path: Path, store: SqlStore) -> None:
    _, made = asked(
        tmp_path, store, THEN, "how accurate were your past forecasts?", "forecast amount for the next 6 months"
    )
    assert made.value.forecasts
