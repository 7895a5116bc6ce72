"""Lineage: what an answer was read from."""

from __future__ import annotations

from bi_chat.conversation.lineage import JoinRead, lineage
from bi_chat.semantics.model import Dataset, SemanticModel
from bi_chat.values.catalog import Catalog, Column, Table
from bi_chat.values.policy import Access, Mask, Right, TableAccess


def table(name, *columns, rows=None):
    return Table(name, tuple(Column(c, "VARCHAR") for c in columns), rows=rows)


CATALOG = Catalog((table("loans", "id", "book", "lent", rows=90), table("books", "id", "title", "isbn", rows=7)))
MODEL = SemanticModel("library", (Dataset("books", "books", label="Books"),))
SQL = (
    "WITH b AS (SELECT books.title AS t, count(*) AS n FROM loans LEFT JOIN books ON loans.book = books.id GROUP BY 1) "
    "SELECT b.t, b.n FROM b JOIN b AS c ON b.t = c.t"
)


def test_tables_with_their_columns_in_order_and_joins_of_the_data_alone():
    found = lineage(SQL, CATALOG, MODEL, None)
    assert [(t.name, t.label, t.rows, t.columns) for t in found.tables] == [
        ("loans", "loans", 90, ("book",)),
        ("books", "Books", 7, ("id", "title")),
    ]
    assert found.joins == (JoinRead("loans", "books", (("book", "id"),), True),) and not found.ruled


def test_a_join_written_the_other_way_round_by_other_names():
    found = lineage("SELECT title FROM loans l JOIN books k ON k.id = l.book", CATALOG, MODEL, None)
    assert found.joins == (JoinRead("loans", "books", (("book", "id"),), False),)
    assert {t.name: t.columns for t in found.tables} == {"loans": ("book",), "books": ("id", "title")}


def test_a_policy_s_cuts_are_said():
    rights = (Right("title <> 'x'", (("id", None), ("title", None), ("isbn", Mask("null")))),)
    access = Access("ada", (TableAccess("books", rights),), None, "f")
    (books,) = lineage("SELECT title, isbn FROM books", CATALOG, MODEL, access).tables
    assert books.filtered and books.masked == ("isbn",)


def test_no_statement_or_an_unreadable_one_has_none():
    assert lineage("", CATALOG, MODEL, None).tables == () == lineage("SELEC (", CATALOG, MODEL, None).tables
