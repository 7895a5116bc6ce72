"""Paths between datasets: the shortest to-one way, roles, ties, and where many-sides meet."""

from __future__ import annotations

from bi_chat.semantics.model import Dataset, Field, MetricDefinition, Relationship, SemanticModel
from bi_chat.sql.joins import default_time, describe_paths, graph_of, key_of, reachable, time_of
from bi_chat.values.plan import Aggregate, Arithmetic, Constant, FieldRef, Fn, Metric, Nested


def _d(name, *fields, key=(), time=""):
    return Dataset(name, name, key, (), tuple(Field(f, f) for f in fields), default_time=time)


MODEL = SemanticModel(
    "trips",
    (
        _d("place", "id", key=("id",)),
        _d("person", "id", "home", "born", key=("id",), time="born"),
        _d("trip", "id", "person", "start", "goal", "day", key=("id",), time="day"),
        _d("leg", "trip", "no", "km", key=("trip", "no"), time="trip.day"),
        _d("photo", "id", "trip", "place", key=("id",)),
    ),
    (
        Relationship("home", "person", "place", ("home",), ("id",), role="home"),
        Relationship("traveller", "trip", "person", ("person",), ("id",)),
        Relationship("start", "trip", "place", ("start",), ("id",), role="start"),
        Relationship("goal", "trip", "place", ("goal",), ("id",), role="goal"),
        Relationship("leg_trip", "leg", "trip", ("trip",), ("id",)),
        Relationship("photo_trip", "photo", "trip", ("trip",), ("id",)),
        Relationship("photo_place", "photo", "place", ("place",), ("id",)),
    ),
    (
        MetricDefinition("distance", "SUM(leg.km)"),
        MetricDefinition("people", "COUNT(person.id)", time="person.born"),
        MetricDefinition("members", "COUNT(person.id)", as_of=("person.born", "trip.day")),
    ),
)


def test_reachable_follows_references_only_forwards():
    assert reachable(MODEL, "leg") == {"leg", "trip", "person", "place"}
    assert reachable(MODEL, "LEG") == reachable(MODEL, "leg")
    assert reachable(MODEL, "place") == {"place"}
    assert reachable(MODEL, "nowhere") == frozenset()


def test_equally_short_paths_are_all_named():
    assert set(describe_paths(MODEL, "trip", "place")) == {("start",), ("goal",)}
    assert describe_paths(MODEL, "person", "place") == (("home",),)
    assert describe_paths(MODEL, "place", "trip") == ()


def test_a_direct_reference_beats_a_longer_way_and_a_role():
    assert describe_paths(MODEL, "photo", "place") == (("photo_place",),)


def test_of_two_equally_short_ways_the_one_without_a_role_is_the_plain_one():
    model = SemanticModel(
        "letters",
        (_d("place", "id", key=("id",)), _d("letter", "id", "sent", "arrived", key=("id",))),
        (
            Relationship("sent", "letter", "place", ("sent",), ("id",), role="origin"),
            Relationship("arrived", "letter", "place", ("arrived",), ("id",)),
        ),
    )
    assert describe_paths(model, "letter", "place") == (("arrived",),)


def test_via_picks_a_longer_way_by_name_or_role():
    graph = graph_of(MODEL)
    (path,) = graph.paths("leg", "place", ("goal",))
    assert [s.name for s in path] == ["leg_trip", "goal"]
    (path,) = graph.paths("photo", "place", ("traveller", "home"))
    assert [s.name for s in path] == ["photo_trip", "traveller", "home"]
    assert graph.paths("leg", "place", ("photo_place",)) == ()


def test_the_graph_of_a_model_is_built_once():
    assert graph_of(MODEL) is graph_of(MODEL)


def test_lines_of_a_row_are_preferred_among_finer_datasets():
    # legs and photos both refer to a trip; legs are its lines: their time and key come from it
    assert graph_of(MODEL).finer("trip", frozenset({"person"})) == ("leg",)
    assert graph_of(MODEL).finer("person", frozenset({"trip"})) == ("trip",)
    assert graph_of(MODEL).finer("leg", frozenset({"photo"})) == ()


def test_siblings_meet_at_what_both_refer_to():
    (meeting,) = graph_of(MODEL).meetings("leg", "photo")
    assert meeting.dataset == "trip"


def test_keys_and_times():
    leg = MODEL.dataset("leg")
    assert leg is not None and key_of(leg) == ("trip", "no")
    assert default_time(MODEL, "leg") == FieldRef("trip", "day")
    assert default_time(MODEL, "place") is None


def test_the_time_of_a_measure():
    assert time_of(Metric("people"), MODEL) == FieldRef("person", "born")
    assert time_of(Metric("distance"), MODEL) == FieldRef("trip", "day")
    assert time_of(Metric("members"), MODEL) == FieldRef("person", "born")
    assert time_of(Metric("nothing"), MODEL) is None
    count = Aggregate(Fn.COUNT, "leg")
    assert time_of(Arithmetic("*", Constant(2), count), MODEL) == FieldRef("trip", "day")
    assert time_of(Nested(Fn.AVG, count, (FieldRef("trip", "id"),)), MODEL) == FieldRef("trip", "day")
