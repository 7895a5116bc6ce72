"""In: a purchase line and a source of chance. Out: a review of it, in English, Chinese or a mix, with stars.

A small grammar: an opening, one to three remarks on themes, a closing. Each part has many forms and slots, so that
themes come back while sentences rarely do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from datasets.chance import Chance
from datasets.teahouse import events
from datasets.teahouse.assortment import ARTICLE, LAST_DAY
from datasets.teahouse.books import Books, Line, Purchase
from datasets.teahouse.phrases import ENGLISH, ENGLISH_SLOTS, MANDARIN, MANDARIN_SLOTS, Phrases

THEMES = ("taste", "aroma", "freshness", "wrapping", "delivery", "price", "advice")


@dataclass(frozen=True, slots=True)
class Opinion:
    """A review: `words` may be None (stars only), `stars` may be None (words only)."""

    number: int
    article: int
    shopper: str
    day: date
    stars: int | None
    words: str | None
    language: str | None


def collect(books: Books, chance: Chance) -> list[Opinion]:
    """About every eighth line of a known shopper gets an opinion, more often when the goods were bad."""
    purchases = {p.number: p for p in books.purchases}
    heard: list[tuple[date, Line, Purchase, bool]] = []
    for line in books.lines:
        purchase = purchases[line.purchase]
        bad = line.article == events.BATCH_ARTICLE and events.within(purchase.placed.date(), events.BATCH)
        if purchase.shopper is None or not chance.happens(0.5 if bad else 0.13):
            continue
        day = (purchase.delivered or purchase.placed.date()) + timedelta(days=chance.integer(1, 19))
        if day <= LAST_DAY:
            heard.append((day, line, purchase, bad))
    heard.sort(key=lambda h: (h[0], h[1].purchase, h[1].position))
    return [_opinion(number, *h, chance) for number, h in enumerate(heard, 7001)]


def _opinion(number: int, day: date, line: Line, purchase: Purchase, bad: bool, chance: Chance) -> Opinion:
    waited = (purchase.delivered - purchase.placed.date()).days if purchase.delivered else 0
    stars = _stars(line, day, bad, waited, chance)
    mandarin = purchase.billing == "CN" and chance.happens(0.9)
    words = _mandarin(line, stars, bad, waited, chance) if mandarin else _english(line, stars, bad, waited, chance)
    silent = chance.happens(0.03)
    return Opinion(
        number,
        line.article,
        str(purchase.shopper),
        day,
        None if chance.happens(0.025) and not silent else stars,
        None if silent else words,
        None if silent else "zh" if mandarin else "en",
    )


def _stars(line: Line, day: date, bad: bool, waited: int, chance: Chance) -> int:
    if bad:
        return chance.weighted((1, 2, 3, 4), (62, 26, 8, 4))
    weights = [3.0, 4.0, 10.0, 31.0, 52.0]
    if waited > 8:
        weights = [16.0, 22.0, 26.0, 22.0, 14.0]
    elif line.article == events.PRICE_ARTICLE and day >= events.PRICE_DAY:
        weights = [6.0, 11.0, 21.0, 32.0, 30.0]
    return chance.weighted((1, 2, 3, 4, 5), weights)


def _themes(line: Line, stars: int, bad: bool, waited: int, chance: Chance) -> list[tuple[str, bool]]:
    """(theme, is praise) pairs; the first is the reason for the stars."""
    ware = ARTICLE[line.article].family.startswith("Teaware")
    usual = THEMES[3:] if ware else THEMES
    weights = (3, 3, 3, 1) if ware else (8, 4, 2, 3, 3, 3, 1)
    first = chance.weighted(usual, weights)
    if bad:
        first = "mould"
    elif waited > 8:
        first = "delivery"
    elif stars <= 3 and line.article == events.PRICE_ARTICLE and line.price > 1400 and chance.happens(0.6):
        first = "price"
    chosen = [(first, stars >= 4 and not bad)]
    for _ in range(chance.weighted((0, 1, 2), (45, 40, 15))):
        theme = chance.weighted(usual, weights)
        if theme not in [t for t, _ in chosen]:
            chosen.append((theme, chance.happens((0.1, 0.2, 0.5, 0.8, 0.96)[stars - 1])))
    return chosen


def _speak(phrases: Phrases, slots: dict[str, tuple[str, ...]], key: str, chance: Chance) -> str:
    text = chance.pick(phrases[key])
    while "{" in text:
        start, end = text.index("{"), text.index("}")
        text = text[:start] + chance.pick(slots[text[start + 1 : end]]) + text[end + 1 :]
    return text


def _mood(stars: int) -> str:
    return "happy" if stars >= 4 else "so-so" if stars == 3 else "cross"


def _english(line: Line, stars: int, bad: bool, waited: int, chance: Chance) -> str:
    slots = ENGLISH_SLOTS | {"article": (ARTICLE[line.article].name, "this", "it"), "days": (str(max(waited, 3)),)}
    parts = [_speak(ENGLISH, slots, f"open {_mood(stars)}", chance)] if chance.happens(0.6) else []
    themes = _themes(line, stars, bad, waited, chance)
    for place, (theme, praise) in enumerate(themes):
        turn = "but " if place and praise != themes[place - 1][1] and chance.happens(0.7) else ""
        parts.append(turn + _speak(ENGLISH, slots, f"{theme} {'+' if praise else '-'}", chance))
    if chance.happens(0.45):
        parts.append(_speak(ENGLISH, slots, f"close {_mood(stars)}", chance))
    sentences = [p[0].upper() + p[1:] for p in parts]
    text = " ".join(s if s[-1] in ".!?" else s + chance.weighted((".", "!", "..."), (82, 13, 5)) for s in sentences)
    if chance.happens(0.14):
        text = text.lower().replace(".", "") if chance.happens(0.5) else text.lower()
    return _slip(text, chance)


def _slip(text: str, chance: Chance) -> str:
    """A typing slip now and then: two neighbouring letters swapped, or one lost."""
    if not chance.happens(0.10) or len(text) < 20:
        return text
    at = chance.integer(4, len(text) - 6)
    pair = text[at : at + 2]
    if not pair.isalpha():
        return text
    return text[:at] + (pair[::-1] if chance.happens(0.6) else pair[0]) + text[at + 2 :]


def _mandarin(line: Line, stars: int, bad: bool, waited: int, chance: Chance) -> str:
    article = ARTICLE[line.article]
    slots = MANDARIN_SLOTS | {"article": (article.name, "这款", "这个"), "days": (str(max(waited, 3)),)}
    parts = [_speak(MANDARIN, slots, f"open {_mood(stars)}", chance)] if chance.happens(0.55) else []
    themes = _themes(line, stars, bad, waited, chance)
    for place, (theme, praise) in enumerate(themes):
        turn = chance.pick(("不过", "但是", "就是")) if place and praise != themes[place - 1][1] else ""
        parts.append(turn + _speak(MANDARIN, slots, f"{theme} {'+' if praise else '-'}", chance))
    if chance.happens(0.4):
        parts.append(_speak(MANDARIN, slots, f"close {_mood(stars)}", chance))
    mark = chance.weighted(("，", " ", "。"), (70, 12, 18))
    text = mark.join(parts) + chance.weighted(("。", "", "！", "～"), (50, 25, 18, 7))
    if chance.happens(0.12):  # many shoppers mix the two languages
        text += " " + _speak(ENGLISH, ENGLISH_SLOTS, f"mixed {_mood(stars)}", chance)
    return text
