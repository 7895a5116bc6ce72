"""Out: what people write about: themes, how often, how they sound, and a few of the very words."""

from __future__ import annotations

from dataclasses import dataclass

from bi_chat.values.query import Note

NEUTRAL = 0.15
"""A text whose tone lies within ± this is neither praise nor complaint."""


@dataclass(frozen=True, slots=True)
class Theme:
    """One theme, named by its own commonest words.

    `mentions`: texts that speak of it on the side that was asked (complaint, praise or either); `share` of all texts.
    `all_mentions`: texts that speak of it in any way; `negative`: the share of these that are negative as a whole.
    `quotes`: short pieces of texts, none of them changed but for personal data that are masked. `words`: how it is
    written, the commonest form first.
    """

    name: str
    mentions: int
    share: float
    all_mentions: int
    negative: float
    quotes: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundThemes:
    """Themes by how often they are mentioned.

    `texts`: how many texts were read, `rows` how many rows fit the question, of which `empty` have no text.
    `relevant`: texts that hold anything of the side that was asked; `negative`: texts that are negative as a whole.
    `by_stars`: negative is told by stars, else by how the text sounds.
    """

    side: str
    themes: tuple[Theme, ...]
    texts: int
    rows: int
    relevant: int
    negative: int
    by_stars: bool
    notes: tuple[Note, ...] = ()

    @property
    def empty(self) -> int:
        """Rows without words."""
        return max(0, self.rows - self.texts)
