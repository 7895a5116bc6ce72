"""Whose turn it is: nobody holds all places, first come is first served, and much work costs the place in the line."""

from __future__ import annotations

from bi_chat.engines.duckdb.workers.turns import Place, Turns


class Line:
    """Items are named by their place: `ann1` and `ann2` wait at the place `ann`, whose asker is `a`."""

    def __init__(self, size: int) -> None:
        self.turns: Turns[str] = Turns(size)
        self.places: dict[str, Place[str]] = {}
        self.now = 0.0

    def place(self, item: str) -> Place[str]:
        name = item.rstrip("0123456789")
        return self.places.setdefault(name, Place(name[0]))

    def join(self, *items: str) -> None:
        for item in items:
            self.now += 0.01
            self.turns.join(self.place(item), item, now=self.now)

    def done(self, item: str, took: float) -> None:
        self.now += took
        self.turns.done(self.place(item), now=self.now, took=took)

    def order(self, took: float) -> list[str]:
        served = []
        while (item := self.turns.next()) is not None:
            served.append(item)
            self.done(item, took)
        return served


def test_who_came_first_is_served_first() -> None:
    line = Line(2)
    line.join("a1", "b1", "c1", "b2")
    assert line.order(took=0.1) == ["a1", "b1", "b2", "c1"]


def test_slow_queries_go_round() -> None:
    line = Line(2)
    line.join("a1", "a2", "a3", "b1", "b2", "c1")
    assert line.order(took=5.0) == ["a1", "b1", "c1", "a2", "b2", "a3"]


def test_an_answer_of_many_quick_queries_keeps_its_place() -> None:
    line = Line(1)
    line.join("a1", "b1", "c1")
    served = []
    for number in range(2, 6):
        item = line.turns.next()
        assert item is not None
        served.append(item)
        line.done(item, took=0.3)
        line.join(f"a{number}")
    assert served == ["a1", "a2", "a3", "a4"]
    assert line.order(took=0.3) == ["b1", "c1", "a5"]  # after 1.2 seconds others come first


def test_the_next_answer_of_the_same_asker_comes_last() -> None:
    line = Line(1)
    line.join("ann1", "bob1")
    assert line.turns.next() == "ann1"
    line.done("ann1", took=0.1)
    line.join("amy1")
    assert line.order(took=0.1) == ["bob1", "amy1"]


def test_whoever_was_away_comes_last() -> None:
    line = Line(1)
    line.join("a1")
    assert line.order(took=0.1) == ["a1"]
    line.now = 5.0
    line.join("b1", "a2")
    assert line.order(took=0.1) == ["b1", "a2"]


def test_one_place_is_left_for_somebody_else() -> None:
    line = Line(2)
    line.join("ann1", "amy1")
    assert line.turns.next() == "ann1"
    assert line.turns.next() is None
    line.join("b1")
    assert line.turns.next() == "b1"
    line.done("ann1", took=1.0)
    assert line.turns.next() == "amy1"


def test_slow_askers_together_leave_one_place() -> None:
    line = Line(2)
    line.join("a1", "b1")
    assert [line.turns.next(), line.turns.next()] == ["a1", "b1"]
    line.done("a1", took=5.0)
    line.done("b1", took=5.0)
    line.now += 1
    line.join("a2", "b2")
    assert line.turns.next() == "a2"
    assert line.turns.next() is None
    line.join("c1")
    assert line.turns.next() == "c1"
    line.done("c1", took=0.1)
    assert line.turns.next() is None
    line.done("a2", took=0.1)
    assert line.turns.next() == "b2"


def test_slowness_is_forgotten() -> None:
    line = Line(2)
    line.join("a1", "b1")
    assert line.order(took=5.0) == ["a1", "b1"]
    line.now += 100
    line.join("a2", "b2")
    assert [line.turns.next(), line.turns.next()] == ["a2", "b2"]


def test_a_single_place_goes_from_one_to_the_next() -> None:
    line = Line(1)
    line.join("a1", "a2")
    assert line.turns.next() == "a1"
    assert line.turns.next() is None
    line.done("a1", took=0.1)
    assert line.turns.next() == "a2"


def test_whoever_has_fewer_running_comes_first() -> None:
    line = Line(4)
    line.join("a1", "a2", "a3")
    assert [line.turns.next(), line.turns.next()] == ["a1", "a2"]
    line.join("b1")
    assert [line.turns.next(), line.turns.next()] == ["b1", "a3"]


def test_leaving() -> None:
    line = Line(1)
    line.join("a1", "a2")
    assert line.turns.leave(line.place("a"), "a1")
    assert not line.turns.leave(line.place("a"), "a1")
    assert not line.turns.leave(line.place("b"), "b1")
    assert line.turns.next() == "a2"
