"""In: light or dark. Out: the colours, type and spacing that all charts share: one calm palette, little ink."""

from __future__ import annotations

from dataclasses import dataclass

FONT = (
    "Inter, 'Segoe UI', 'Helvetica Neue', Arial, 'Noto Sans CJK SC', 'Noto Sans SC', 'PingFang SC', "
    "'Microsoft YaHei', sans-serif"
)
CLEAR = "rgba(0,0,0,0)"


@dataclass(frozen=True, slots=True)
class Theme:
    """`series` are told apart by people with any colour vision (after Okabe and Ito 2008, softened).

    `ramp` runs from little to much, `split` from below to above the middle. `rest` is for what is not the subject.
    """

    name: str
    ink: str
    muted: str
    grid: str
    ground: str
    rest: str
    series: tuple[str, ...]
    ramp: tuple[str, ...]
    split: tuple[str, ...]


LIGHT = Theme(
    name="light",
    ink="#1f2933",
    muted="#66727f",
    grid="#e8ecf0",
    ground="#ffffff",
    rest="#b4bdc7",
    series=("#2f6fb0", "#e0872c", "#2b9a7d", "#b5629c", "#5fb0dd", "#c9533a", "#a08a2b", "#66727f"),
    ramp=("#eef4fb", "#c9dff3", "#8fbce3", "#4f8fc9", "#2f6fb0", "#1d4a7d"),
    split=("#b6562c", "#f0c9a8", "#f4f5f6", "#a9cbe9", "#2f6fb0"),
)
DARK = Theme(
    name="dark",
    ink="#e6ebf0",
    muted="#9aa7b4",
    grid="#2c3641",
    ground="#151b22",
    rest="#55616d",
    series=("#6ba6e3", "#f0a656", "#54c2a3", "#d58fc0", "#93d0f2", "#e98468", "#cdb85c", "#9aa7b4"),
    ramp=("#1c2733", "#233f5c", "#2f5f8e", "#4785c2", "#6ba6e3", "#b7d8f7"),
    split=("#e98468", "#6f4636", "#222b34", "#2f5f8e", "#6ba6e3"),
)

WORDS = {
    "en": {
        "by": "by {of}",
        "other": "Other",
        "unfinished": "not over yet",
        "shown": "{shown} of {all} shown",
        "off_map": "not on the map: {of}",
        "count": "Count",
        "total": "total",
        "more_rows": "{count} more rows",
        "before": "before: {of}",
    },
    "zh": {
        "by": "按{of}",
        "other": "其他",
        "unfinished": "尚未结束",
        "shown": "显示{all}项中的{shown}项",
        "off_map": "地图上没有：{of}",
        "count": "数量",
        "total": "合计",
        "more_rows": "还有{count}行",
        "before": "之前：{of}",
    },
}


def theme_named(name: str) -> Theme:
    """The theme of that name; light for any but "dark"."""
    return DARK if name == "dark" else LIGHT


def word(key: str, language: str, **fields: str) -> str:
    """One of the few words that a chart itself says."""
    text = WORDS.get(language, WORDS["en"])[key]
    for name, value in fields.items():
        text = text.replace("{" + name + "}", value)
    return text


def faded(colour: str, alpha: float) -> str:
    """A colour made see-through."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha})"
