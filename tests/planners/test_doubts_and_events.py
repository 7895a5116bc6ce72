"""What happened when, means over rows, and figures that were not named: over a database that nobody modelled."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from bi_chat.settings import Settings
from bi_chat.wiring import Connection, connect

REPAIRS = """
CREATE TABLE cyclist (cyclist_id INTEGER PRIMARY KEY, cyclist_name VARCHAR, town VARCHAR);
CREATE TABLE workshop (workshop_id INTEGER PRIMARY KEY, workshop_name VARCHAR, hourly_rate DECIMAL(6, 2),
                       benches INTEGER);
CREATE TABLE repair (repair_id INTEGER PRIMARY KEY, cyclist_id INTEGER REFERENCES cyclist (cyclist_id),
                     workshop_id INTEGER REFERENCES workshop (workshop_id), brought_on DATE, finished_on DATE,
                     state VARCHAR, rebate_pct INTEGER, charge DECIMAL(8, 2));
INSERT INTO cyclist VALUES (1, 'Ada Holm', 'Vik'), (2, 'Bo Lind', 'Vik'), (3, 'Cia Berg', 'Nes');
INSERT INTO workshop VALUES (1, 'Hub', 30, 4), (2, 'Spoke', 60, 2),
                            (3, 'Cycle Corner', 45, 5), (4, 'Northern Cycle Yard', 50, 3);
INSERT INTO repair VALUES
  (1, 1, 1, '2024-12-20', '2025-01-05', 'finished', 0, 40),
  (2, 1, 2, '2025-01-02', '2025-01-09', 'finished', 20, 55),
  (3, 2, 1, '2025-01-20', '2025-02-03', 'finished', 20, 70), (4, 1, 1, '2025-02-01', NULL, 'waiting', 0, 25),
  (5, 2, 2, '2025-02-07', '2025-02-08', 'collected', 0, 90), (6, 1, 2, '2025-02-10', NULL, 'waiting', 10, 35);
"""


@pytest.fixture(scope="module")
def repairs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    file = tmp_path_factory.mktemp("repairs") / "repairs.duckdb"
    con = duckdb.connect(str(file))
    con.execute(REPAIRS)
    con.close()
    opened = connect(file, settings=Settings(cache_dir=tmp_path_factory.mktemp("cache")))
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        pytest.param("how many repairs were finished in January 2025", {(2,)}, id="by the day it was finished"),
        pytest.param("repairs finished in February 2025", {(2,)}, id="also where the state has moved on"),
        pytest.param("finished repairs by workshop", {("Hub", 2), ("Spoke", 1)}, id="a state of its own stays one"),
        pytest.param("repairs brought in January 2025 and finished in February 2025", {(1,)}, id="two events"),
        pytest.param("average repairs per cyclist", {(3.0,)}, id="a mean over those who have any"),
        pytest.param("repairs with a 20% rebate", {(2,), (3,)}, id="a rate judges the rows that are listed"),
    ],
)
def test_it_is_read(repairs: Connection, question: str, rows: set[tuple[object, ...]]) -> None:
    answer = repairs.session().ask(question)
    assert answer.status == "answered", answer.text
    assert set(answer.frame.rows()) == rows


@pytest.mark.parametrize(
    "question",
    [
        pytest.param("workshops under 35", id="a rate or benches"),
        pytest.param("average repairs by town", id="a mean over what"),
        pytest.param("repairs at Cycle in 2025", id="a word of two names"),
        pytest.param("how much is waiting", id="a list of rows is no amount"),
    ],
)
def test_it_is_doubted(repairs: Connection, question: str) -> None:
    assert repairs.session().ask(question).status != "answered"
