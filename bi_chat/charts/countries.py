"""In: a country's name (English, Chinese) or ISO 3166 code. Out: its three-letter code, and outlines to draw.

Outlines come with the package, because a chart must not fetch anything from the network.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources


def country_code(text: str) -> str | None:
    """The ISO 3166 three-letter code of a country said by name or code; None when it is none."""
    said = text.strip()
    return _codes().get(said.casefold())


@cache
def _codes() -> dict[str, str]:
    table = resources.files("bi_chat.semantics").joinpath("data", "countries.tsv").read_text(encoding="utf-8")
    codes: dict[str, str] = {}
    for row in table.splitlines()[1:]:
        iso3, iso2, english, chinese = row.split("\t")
        for name in (iso3, iso2, *english.split(";"), *chinese.split(";")):
            codes[name.casefold()] = iso3
    return codes


@cache
def outlines() -> dict[str, object]:
    """The world's countries as GeoJSON, each feature's id its three-letter code (Natural Earth, public domain)."""
    text = resources.files("bi_chat.charts").joinpath("world.json").read_text(encoding="utf-8")
    found: dict[str, object] = json.loads(text)
    return found


@cache
def outlined() -> frozenset[str]:
    """Codes of the countries large enough to be on the map."""
    features = outlines()["features"]
    assert isinstance(features, list)
    return frozenset(f["id"] for f in features)
