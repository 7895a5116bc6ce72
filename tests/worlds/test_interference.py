"""Nothing that a policy forbids shows: not in rows, their order, columns or messages."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import yaml

from benchmarks.guard import mutated
from benchmarks.interference import Twins, outcome, twins
from benchmarks.statements import SEEN, statement
from bi_chat.engines.duckdb import opening

FIXTURE = Path(__file__).parents[1] / "fixtures" / "policy" / "attacks.yaml"
ATTACKS = yaml.safe_load(FIXTURE.read_text("utf-8"))
STATEMENTS, MUTATIONS = 400, 400


@pytest.mark.parametrize("case", [pytest.param(c, id=c["title"]) for c in ATTACKS])
def test_a_known_attack_tells_nothing(pair: Twins, case: dict[str, str]) -> None:
    _, why = pair.verdict(case["user"], case["sql"])
    assert why == ""


@pytest.mark.parametrize("user", SEEN)
def test_random_statements_tell_nothing(pair: Twins, user: str) -> None:
    rng = random.Random(f"statements of {user}")
    found = [why for _ in range(STATEMENTS // len(SEEN)) if (why := pair.verdict(user, statement(rng, user))[1])]
    assert found == []


def test_changed_attacks_tell_nothing(pair: Twins) -> None:
    rng = random.Random("changes")
    every = [case["sql"] for case in ATTACKS]
    users = tuple(SEEN)
    found = [pair.verdict(users[i % len(users)], mutated(rng, rng.choice(every), every))[1] for i in range(MUTATIONS)]
    assert [why for why in found if why] == []


def test_most_random_statements_are_worth_running(pair: Twins) -> None:
    rng = random.Random("worth")
    kinds = [pair.verdict("ana", statement(rng, "ana"))[0] for _ in range(120)]
    assert kinds.count("rows") > 40
    assert kinds.count("error") > 2


def test_without_the_engines_part_of_the_wall_it_would_be_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The attacks tell the two apart once the engine plans with statistics: so they do test that."""
    monkeypatch.setattr(opening, "_TELLING", ("extension",))
    monkeypatch.setattr(opening, "_EXPECTING", ())
    open_wall = twins(tmp_path, workers=0)  # in this process, where the wall can be taken down
    told = [case["title"] for case in ATTACKS if open_wall.verdict(case["user"], case["sql"])[1]]
    open_wall.close()
    assert "lowest and highest value of hidden rows decide whether an error comes" in told
    assert "the order of a join follows which side has more rows" in told
    assert "how an ASOF join is made, and the order of its rows, follows how many rows are expected" in told


def test_a_group_shows_at_least_as_many_persons_as_the_policy_asks(pair: Twins) -> None:
    world = pair.world("cy", 0)
    shown = outcome(world, "SELECT team, year, count(DISTINCT person) FROM answers GROUP BY ALL ORDER BY ALL").rows
    cells = [(team, year) for team in "123" for year in (2023, 2024)]
    assert shown == repr(tuple((*cell, 3 + at % 3) for at, cell in enumerate(cells)))


def test_a_cell_is_seen_where_one_role_alone_would_show_it(pair: Twins) -> None:
    world = pair.world("bo", 0)
    text = "SELECT branch IS NULL, min(balance) > 50, count(level) FROM accounts GROUP BY 1 ORDER BY 1"
    assert outcome(world, text).rows.startswith("((False, False, 20), (True, True, 0))")
