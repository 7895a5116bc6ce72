"""Names as databases write them, and what people call them."""

from __future__ import annotations

import pytest

from bi_chat.semantics import naming


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("cust_nbr", ("customer", "number"), id="abbreviations in snake case"),
        pytest.param("homeStoreNo", ("home", "store", "number"), id="camel case, no at the end is number"),
        pytest.param("HTTPServer", ("http", "server"), id="an acronym before a word"),
        pytest.param("storeid", ("store", "id"), id="glued key"),
        pytest.param("unitprice", ("unit", "price"), id="two glued words"),
        pytest.param("uid", ("u", "id"), id="initials and id"),
        pytest.param("valid", ("valid",), id="a word that only ends in id"),
        pytest.param("paid", ("paid",), id="another word that only ends in id"),
        pytest.param("season", ("season",), id="a word that contains words"),
        pytest.param("tbl_order_items", ("order", "items"), id="technical prefix of a table"),
        pytest.param("dim_date", ("date",), id="Kimball prefix of a table"),
        pytest.param("门店编号", ("门店", "编号"), id="Chinese is cut into known words"),
        pytest.param("实付金额", ("实付金额",), id="a known Chinese compound stays whole"),
        pytest.param("no", ("number",), id="no alone is a number"),
        pytest.param("address_2", ("address", "2"), id="digits are words"),
        pytest.param("Ünïcode_Größe", ("ünïcode", "größe"), id="other letters survive"),
        pytest.param("cat", ("cat",), id="cat alone is an animal"),
        pytest.param("prod_cat", ("product", "category"), id="cat beside a word is a category"),
    ],
)
def test_words_of_a_name(name: str, words: tuple[str, ...]) -> None:
    assert naming.words(name) == words


@pytest.mark.parametrize(
    ("name", "prefix", "label"),
    [
        ("ss_customer_sk", "ss_", "customer"),
        ("cust_id", "", "customer ID"),
        ("订单明细", "", "订单明细"),
        ("amtUsd", "", "amount USD"),
    ],
)
def test_labels_read_well(name: str, prefix: str, label: str) -> None:
    assert naming.label(name, prefix=prefix) == label


def test_a_prefix_shared_by_all_columns_is_technical_unless_it_is_a_word() -> None:
    assert naming.shared_prefix(["ss_item", "ss_price", "ss_qty"]) == "ss_"
    assert naming.shared_prefix(["order_id", "order_date"]) == ""
    assert naming.shared_prefix(["ss_item", "price"]) == ""


@pytest.mark.parametrize(
    ("words", "head", "subject"),
    [
        (("home", "store", "id"), "id", ("home", "store")),
        (("date", "of", "birth"), "date", ("date", "of", "birth")),
        (("id",), "id", ()),
        (("categories",), "category", ("categories",)),
    ],
)
def test_head_and_subject(words: tuple[str, ...], head: str, subject: tuple[str, ...]) -> None:
    assert naming.head(words) == head
    assert naming.subject(words) == subject


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(("customer",), "client", id="another English word"),
        pytest.param(("customer",), "客户", id="English to Chinese"),
        pytest.param(("customer", "name"), "客户名称", id="a phrase to Chinese"),
        pytest.param(("门店", "编号"), "store number", id="a phrase to English"),
        pytest.param(("salary",), "wage", id="pay"),
        pytest.param(("birth", "date"), "birthday", id="two words to one"),
        pytest.param(("营收",), "revenue", id="Chinese to English"),
        pytest.param(("number", "of", "seats"), "seats count", id="counts turned round"),
        pytest.param(("unit", "costs"), "成本价", id="plural finds its group"),
    ],
)
def test_synonyms_offer(words: tuple[str, ...], expected: str) -> None:
    assert expected in naming.synonyms(words)


def test_synonyms_never_offer_the_phrase_itself_and_stay_few() -> None:
    for words in (("customer", "order", "date"), ("revenue",), ("xyzzy",), ()):
        found = naming.synonyms(words)
        assert " ".join(words) not in found
        assert len(found) <= 16
        assert len(set(found)) == len(found)


def test_unknown_words_have_no_synonyms() -> None:
    assert naming.synonyms(("xyzzy", "plugh")) == ()
