"""In: `FoundThemes`. Out: sentences about them; every number in them is one of the values, every quote a customer's."""

from __future__ import annotations

from bi_chat.language.display import one_line, show_number
from bi_chat.narration.pack import say, spoken
from bi_chat.values.themes import FoundThemes, Theme

_TOLD = 5
_LENGTH = 120


def theme_heads(language: str) -> tuple[str, str, str, str, str]:
    """Column names: theme, mentions, share of texts, share of these that are negative, an example."""
    theme, mentions, share, negative, example = (
        say(language, "themes", f"head.{key}") for key in ("theme", "mentions", "share", "negative", "example")
    )
    return theme, mentions, share, negative, example


def theme_sentences(found: FoundThemes, language: str) -> tuple[str, ...]:
    """The commonest theme, the next ones with a quote each, and what was read."""
    read = say(
        language,
        "themes",
        "read_stars" if found.by_stars else "read",
        texts=_count(found.texts, language),
        empty=_count(found.empty, language) if found.empty and not found.notes else "",
        negative=_percent(found.negative / found.texts, language) if found.texts else "",
    )
    if not found.themes:
        none = "nothing" if not found.texts else f"none_{found.side or 'any'}"
        return (say(language, "themes", none), *((read,) if found.texts else ()))
    first, *others = found.themes[:_TOLD]
    return (
        _told(f"first_{found.side or 'any'}", first, language),
        *_quoted(first, language),
        *(_told("next", t, language) for t in others),
        read,
    )


def _told(key: str, theme: Theme, language: str) -> str:
    return say(
        language,
        "themes",
        key,
        name=one_line(theme.name, _LENGTH),
        mentions=_count(theme.mentions, language),
        share=_percent(theme.share, language),
        negative=_percent(theme.negative, language),
        quote=one_line(theme.quotes[0], _LENGTH) if theme.quotes else "",
    )


def _quoted(theme: Theme, language: str) -> tuple[str, ...]:
    if not theme.quotes:
        return ()
    gap = " · " if spoken(language) == "en" else "；"
    quotes = gap.join(say(language, "themes", "quote", of=one_line(q, _LENGTH)) for q in theme.quotes)
    return (say(language, "themes", "quotes", quotes=quotes),)


def _count(value: int, language: str) -> str:
    return show_number(value, language=language, format="integer")


def _percent(value: float, language: str) -> str:
    return show_number(value, language=language, format="percent")
