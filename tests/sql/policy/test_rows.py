"""Row conditions: parameters become literals, and what is no plain condition is said to its author."""

from __future__ import annotations

import pytest

from bi_chat.sql.policy.rows import ConditionFault, bind_rows
from bi_chat.values.policy import Attribute, User


def bound(text: str, **attributes: Attribute | tuple[Attribute, ...]) -> str:
    values = tuple((k, v if isinstance(v, tuple) else (v,)) for k, v in attributes.items())
    return bind_rows(text, User("ana", (), values)).sql(dialect="duckdb")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("region = {user.region}", "(region = 'North')"),
        ("region IN {user.regions}", "((region IN ('North', 'South')))"),
        (
            "NOT region IN {user.regions} AND tenant = { user.tenant }",
            "(NOT (region IN ('North', 'South')) AND tenant = 7)",
        ),
        ("who = {user.name}", "(who = 'ana')"),
        ("region IN {user.none}", "(FALSE)"),
        ("note <> 'a {brace}' AND open = {user.open}", "(note <> 'a {brace}' AND open = TRUE)"),
        (
            "EXISTS (SELECT 1 FROM m WHERE m.who = {user.name} AND m.id = t.id)",
            "(EXISTS(SELECT 1 FROM m WHERE m.who = 'ana' AND m.id = t.id))",
        ),
    ],
)
def test_a_parameter_becomes_a_literal(text: str, wanted: str) -> None:
    given = {"region": "North", "regions": ("North", "South"), "tenant": 7, "none": (), "open": True}
    assert bound(text, **given) == wanted


@pytest.mark.parametrize("value", ["' OR 1=1 --", "x'); DROP TABLE t; --", "\\' OR '", "{user.name}", '"', "$$", "/*"])
def test_no_value_becomes_a_piece_of_the_condition(value: str) -> None:
    import duckdb

    sql = bound("v = {user.v}", v=value)
    rows = [(value,), ("other",)]
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE t(v VARCHAR)")
        connection.executemany("INSERT INTO t VALUES (?)", rows)
        assert connection.execute(f"SELECT v FROM t WHERE {sql}").fetchall() == [(value,)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("region = '{user.region}'", "without quotes"),
        ("region = {user.regions}", "is a list: write"),
        ("region = {user.country}", "asks for {user.country}, which ana does not have"),
        ("SELECT 1", "no condition"),
        ("true; DROP TABLE t", "no condition"),
        ("region = {region}", "Braces name an attribute"),
        ("region = ?", "no other parameters"),
        ("region = = 3", "can't be read"),
        ("id IN (WITH a AS (SELECT 1) SELECT * FROM a)", "no WITH"),
        ("region = {user.zero}", "a character that isn't valid"),
    ],
)
def test_what_is_no_plain_condition_is_refused(text: str, said: str) -> None:
    with pytest.raises(ConditionFault, match=said.replace("{", r"\{").replace(".", r"\.")):
        bound(text, region="North", regions=("North", "South"), zero="a\0b")
