"""Out: the shapes of the sales books (shoppers, purchases, lines, refunds), and invented given names by nation."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

GIVEN = {
    "GB": (
        "Alfie",
        "Bronwen",
        "Callum",
        "Daisy",
        "Edith",
        "Freya",
        "Gwen",
        "Hamish",
        "Imogen",
        "Jonty",
        "Keira",
        "Lachlan",
        "Mabel",
        "Nell",
        "Osian",
        "Poppy",
        "Rufus",
        "Tamsin",
    ),
    "IE": (
        "Aoife",
        "Brigid",
        "Cillian",
        "Deirdre",
        "Eoin",
        "Fiadh",
        "Grainne",
        "Iarla",
        "Maeve",
        "Niamh",
        "Oisin",
        "Padraig",
        "Roisin",
        "Saoirse",
        "Tadhg",
    ),
    "DE": (
        "Anke",
        "Bjarne",
        "Dörte",
        "Enno",
        "Friederike",
        "Gesa",
        "Hauke",
        "Imke",
        "Jannis",
        "Karlotta",
        "Lasse",
        "Merle",
        "Nele",
        "Ole",
        "Pia",
        "Ruben",
        "Silke",
        "Thilo",
    ),
    "NL": (
        "Aukje",
        "Bram",
        "Coen",
        "Doutzen",
        "Elske",
        "Femke",
        "Guus",
        "Hidde",
        "Jelle",
        "Klaas",
        "Lotte",
        "Maaike",
        "Nienke",
        "Pieter",
        "Sanne",
        "Teun",
    ),
    "CN": (
        "安然",
        "博文",
        "春晓",
        "冬青",
        "芳菲",
        "广平",
        "海棠",
        "嘉树",
        "可心",
        "兰心",
        "明远",
        "念慈",
        "清和",
        "若溪",
        "思齐",
        "婉清",
        "晓月",
        "雨桐",
        "知秋",
        "子墨",
    ),
    "CA": (
        "Adair",
        "Brielle",
        "Colby",
        "Delphine",
        "Émile",
        "Fallon",
        "Gaëlle",
        "Haven",
        "Jocelyn",
        "Kieran",
        "Léonie",
        "Marcel",
        "Noémie",
        "Quinn",
    ),
    "JP": (
        "Aoi",
        "Chika",
        "Daichi",
        "Emi",
        "Fumiko",
        "Haru",
        "Isamu",
        "Kaede",
        "Mei",
        "Nao",
        "Ren",
        "Sora",
        "Tomo",
        "Yui",
    ),
}


@dataclass(slots=True)
class Shopper:
    """A person or firm known by code; `bought` counts purchases."""

    code: str
    name: str
    kind: str
    nation: str
    joined: date
    birth_year: int | None
    newsletter: bool
    bought: int = 0


@dataclass(frozen=True, slots=True)
class Purchase:
    """One basket."""

    number: int
    shopper: str | None
    shop: str | None
    via: str
    placed: datetime
    billing: str
    delivery: str
    paid_with: str | None
    campaign: str | None
    delivered: date | None


@dataclass(frozen=True, slots=True)
class Line:
    """One article of a purchase; amounts in cents."""

    purchase: int
    position: int
    article: int
    packs: int
    price: int
    rebate: int
    net: int
    cost: int


@dataclass(frozen=True, slots=True)
class Refund:
    """Packs given back, or money returned without them."""

    purchase: int
    article: int
    day: date
    packs: int
    amount: int
    cause: str | None


@dataclass(slots=True)
class Books:
    """All that was sold."""

    shoppers: list[Shopper] = field(default_factory=list)
    purchases: list[Purchase] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
