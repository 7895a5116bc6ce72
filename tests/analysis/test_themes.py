"""Themes of texts: what is counted, how themes are named, and what keeps them apart."""

from __future__ import annotations

from bi_chat.analysis.feedback.themes import Opinion, find_themes


def opinions(*said: tuple[str, int]) -> list[Opinion]:
    return [Opinion(text, count) for text, count in said]


HOTEL = opinions(
    ("The room was filthy", 12),
    ("Lovely breakfast, but the room was dirty", 7),
    ("Wonderful breakfast", 20),
    ("Great breakfast and helpful staff", 9),
    ("The elevator is broken", 5),
    ("Elevator broken again, terrible", 4),
    ("Friendly staff", 11),
)


def test_a_complaint_is_counted_once_for_each_row_that_holds_it() -> None:
    found = find_themes(HOTEL, side="negative", most=5)
    first = found.themes[0]
    assert "filthy" in first.name or "dirty" in first.name or "room" in first.name
    assert first.mentions == 19
    assert first.share == 19 / found.texts
    assert any("elevator" in t.name and t.mentions == 9 for t in found.themes)


def test_praise_beside_a_complaint_is_praise() -> None:
    found = find_themes(HOTEL, side="negative", most=9)
    assert not any("breakfast" in t.name for t in found.themes)
    praised = find_themes(HOTEL, side="positive", most=9).themes
    assert max(praised, key=lambda t: t.mentions).mentions == 36
    assert "breakfast" in praised[0].name


def test_word_forms_and_words_of_one_general_theme_are_one() -> None:
    found = find_themes(
        opinions(("deliveries are late", 4), ("late delivery", 3), ("the courier was late", 2), ("nice colours", 9)),
        side="negative",
        most=5,
    )
    assert len(found.themes) == 1
    assert found.themes[0].mentions == 9


def test_chinese_and_mixed_texts() -> None:
    found = find_themes(
        opinions(("物流太慢", 6), ("房间很吵", 3), ("Slow shipping 太失望", 2), ("味道很好", 9), ("客服态度差", 4)),
        side="negative",
        most=5,
    )
    names = [t.name for t in found.themes]
    assert "物流" in names[0]
    assert found.themes[0].mentions == 8
    assert any("客服" in n or "态度" in n for n in names)
    assert not any("味道" in n for n in names)


def test_marks_decide_what_is_negative_as_a_whole() -> None:
    said = [Opinion("The zip opens on the left", 6, negative=True), Opinion("Arrived on Monday", 9, negative=False)]
    found = find_themes(said, side="negative", most=5)
    assert found.negative == 6
    assert "zip" in found.themes[0].name
    assert found.themes[0].negative == 1.0


def test_quotes_are_the_customers_own_words() -> None:
    texts = [o.text for o in HOTEL]
    for side in ("negative", "positive", ""):
        for theme in find_themes(HOTEL, side=side, most=9).themes:
            assert theme.quotes
            assert all(any(q in t for t in texts) for q in theme.quotes)


def test_the_order_of_texts_does_not_matter() -> None:
    assert find_themes(HOTEL, side="", most=9).themes == find_themes(HOTEL[::-1], side="", most=9).themes


def test_nothing_to_read_gives_nothing() -> None:
    assert find_themes([], side="negative", most=5).themes == ()
    assert find_themes(opinions(("👍", 3), ("!!!", 2)), side="", most=5).themes == ()
