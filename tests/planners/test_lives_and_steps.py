"""People who come back, things that go together, steps, ratios, roles: over an invented lending library."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import duckdb
import pytest

from bi_chat.settings import Settings
from bi_chat.wiring import Connection, connect

LIBRARY = """
CREATE TABLE branch (branch_id INTEGER PRIMARY KEY, branch_name VARCHAR, town VARCHAR, desks INTEGER);
CREATE TABLE reader (reader_id INTEGER PRIMARY KEY, reader_name VARCHAR, town VARCHAR, tier VARCHAR);
CREATE TABLE loan (loan_id INTEGER PRIMARY KEY, reader_id INTEGER REFERENCES reader (reader_id), loan_date DATE,
                   returned_on DATE, origin_branch INTEGER REFERENCES branch (branch_id),
                   destination_branch INTEGER REFERENCES branch (branch_id), late_fee DECIMAL(8, 2));
CREATE TABLE loan_book (line_id INTEGER PRIMARY KEY, loan_id INTEGER REFERENCES loan (loan_id), genre VARCHAR);
INSERT INTO branch VALUES (1, 'Quayside', 'Marrow', 10), (2, 'Hilltop', 'Marrow', 4), (3, 'Old Mill', 'Tarn', 8);
INSERT INTO reader VALUES (1, 'Ada', 'Marrow', 'gold'), (2, 'Bo', 'Marrow', 'plain'), (3, 'Cy', 'Tarn', 'plain'),
                          (4, 'Di', 'Tarn', 'gold');
INSERT INTO loan VALUES (1, 1, '2025-01-05', '2025-01-09', 1, 2, 2), (2, 1, '2025-02-07', '2025-02-20', 1, 1, 0),
                        (3, 2, '2025-01-20', '2025-03-01', 2, 1, 4), (4, 3, '2025-02-11', NULL, 3, 3, 0),
                        (5, 1, '2025-03-15', NULL, 2, 3, 6);
INSERT INTO loan_book VALUES (1, 1, 'Crime'), (2, 1, 'Poetry'), (3, 2, 'Crime'), (4, 2, 'Poetry'), (5, 3, 'Crime'),
                             (6, 3, 'Travel'), (7, 5, 'Crime'), (8, 5, 'Crime');
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    file = tmp_path_factory.mktemp("library") / "library.duckdb"
    con = duckdb.connect(str(file))
    con.execute(LIBRARY)
    con.close()
    opened = connect(file, settings=Settings(cache_dir=tmp_path_factory.mktemp("cache"), answer_threshold=0.0))
    yield opened
    opened.close()


def _rows(library: Connection, question: str) -> list[tuple[object, ...]]:
    answer = library.session(today=datetime(2025, 4, 1)).ask(question)
    assert answer.status == "answered", answer.text
    return [tuple(str(c)[:10] if hasattr(c, "year") else c for c in row) for row in answer.frame.iter_rows()]


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        (
            "new vs returning readers by month in 2025",
            {("2025-01-01", 2, 0), ("2025-02-01", 1, 1), ("2025-03-01", 0, 1)},
        ),
        ("2025年每月的新客和老客数", {("2025-01-01", 2, 0), ("2025-02-01", 1, 1), ("2025-03-01", 0, 1)}),
        (
            "monthly retention of readers whose first loan was in January 2025",
            {("2025-01-01", 2, 1.0), ("2025-02-01", 1, 0.5), ("2025-03-01", 1, 0.5)},
        ),
        ("active readers per month", {("2025-01-01", 2), ("2025-02-01", 2), ("2025-03-01", 1)}),
    ],
)
def test_people_are_new_once_and_come_back(library: Connection, question: str, rows: set[tuple[object, ...]]) -> None:
    assert set(_rows(library, question)) == rows


def test_a_cohort_is_measured_against_its_own_first_month(library: Connection) -> None:
    found = _rows(library, "cohort analysis of readers by month")
    assert ("2025-02-01", "2025-02-01", 1, 1.0) in found and ("2025-01-01", "2025-03-01", 1, 0.5) in found


@pytest.mark.parametrize(
    ("question", "share"),
    [
        ("what is the repeat rate of readers", 1 / 3),
        ("复购率", 1 / 3),
        ("conversion from reader to loan", 3 / 4),
    ],
)
def test_a_share_of_people_counts_each_once(library: Connection, question: str, share: float) -> None:
    assert _rows(library, question)[0][0] == pytest.approx(share)


def test_pairs_are_of_two_different_things_in_one_loan(library: Connection) -> None:
    found = _rows(library, "which genres are taken together most often")
    assert found == [("Crime", "Poetry", 2), ("Crime", "Travel", 1)]


def test_the_steps_of_a_funnel_narrow(library: Connection) -> None:
    assert _rows(library, "funnel: readers, loans") == [(4, 3)]


def test_a_step_that_nobody_knows_makes_no_other_funnel(library: Connection) -> None:
    assert library.session(today=datetime(2025, 4, 1)).ask("funnel: readers, applause, loans").status == "declined"


def test_a_figure_is_divided_by_rows_or_by_what_stands_at_all_times(library: Connection) -> None:
    found = dict(_rows(library, "late fee per loan by tier"))
    assert found == {"plain": pytest.approx(2.0), "gold": pytest.approx(8 / 3)}


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        ("number of loans by origin branch", {("Quayside", 2), ("Hilltop", 2), ("Old Mill", 1)}),
        ("number of loans by destination branch", {("Quayside", 2), ("Hilltop", 1), ("Old Mill", 2)}),
        ("how many loans went from Hilltop to Quayside?", {(1,)}),
    ],
)
def test_a_role_decides_which_reference_is_meant(
    library: Connection, question: str, rows: set[tuple[object, ...]]
) -> None:
    assert set(_rows(library, question)) == rows


def test_rows_that_are_not_over_have_no_end(library: Connection) -> None:
    assert len(_rows(library, "open loans")) == 2


def test_two_values_of_one_field_are_alternatives(library: Connection) -> None:
    assert _rows(library, "how many gold plain readers are there")[0][0] == 4
