"""In: a semantic model. Out: the rows in which customers speak: their words, their stars, and where praise begins.

Where rows hold stars beside the words, "negative" is what the customers marked themselves: the lowest quarter of the
scale. Where they hold words only, it is how these sound (`Tone`).
"""

from __future__ import annotations

from dataclasses import dataclass

from bi_chat.semantics.model import Dataset, Field, SemanticModel
from bi_chat.values.plan import Compare, Condition, FieldRef, Literal, Scalar, Tone
from bi_chat.values.themes import NEUTRAL

_VOICES = (
    "review feedback comment opinion ticket survey complaint testimonial remark response "
    "评价 评论 反馈 点评 留言 工单 投诉 意见 口碑 调查 回访"
).split()
_STARS = "rating stars star score csat satisfaction grade nps 评分 星级 打分 满意度 分数 得分".split()
_CASES = "ticket complaint case issue incident request 工单 投诉 反馈单".split()
_FILED = "category topic reason cause issue theme 类别 类型 分类 原因 主题".split()
_QUARTER = 0.25
_SCALES = (5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Opinions:
    """Rows in which customers speak: their dataset, the free text ('' without) and the stars (None without)."""

    dataset: Dataset
    text: str
    stars: Field | None

    @property
    def words(self) -> FieldRef:
        """The free text."""
        return FieldRef(self.dataset.name, self.text)

    @property
    def judged(self) -> Scalar:
        """What tells praise from complaint: the stars, else how the words sound."""
        return FieldRef(self.dataset.name, self.stars.name) if self.stars is not None else Tone(self.words)

    @property
    def filed(self) -> Field | None:
        """The category under which cases (tickets, complaints) were filed: somebody has named their theme already."""
        if not any(word in f"{self.dataset.name} {self.dataset.label}".lower() for word in _CASES):
            return None
        named = (f for f in self.dataset.fields if any(w in f"{f.name} {f.label}".lower() for w in _FILED))
        return next((f for f in named if f.kind == "category"), None)

    def on(self, side: str) -> Condition:
        """The condition of a negative or positive opinion."""
        worst, best = bounds(self.stars) if self.stars is not None else (-NEUTRAL, NEUTRAL)
        if side == "positive":
            return Compare(self.judged, ">=", Literal(_plain(best)))
        return Compare(self.judged, "<=", Literal(_plain(worst)))


def _plain(value: float) -> float | int:
    return int(value) if value == int(value) else round(value, 4)


def bounds(stars: Field) -> tuple[float, float]:
    """Up to which mark an opinion is negative, and from which it is positive: 2 and 4 of five stars."""
    low, high = _scale(stars)
    return low + (high - low) * _QUARTER, high - (high - low) * _QUARTER


def opinions_in(model: SemanticModel) -> tuple[Opinions, ...]:
    """All rows with customers' words or stars, the likeliest first."""
    found = []
    for place, dataset in enumerate(model.datasets):
        stars = next((f for f in dataset.fields if _are_stars(f)), None)
        texts = [f for f in dataset.fields if _is_free(f)]
        names = " ".join((dataset.name, dataset.label, *dataset.synonyms, *(f.name for f in texts))).lower()
        named = any(word in names for word in _VOICES)
        if (texts and (named or stars)) or (stars and named):
            text = max(texts, key=lambda f: f.distinct or 0).name if texts else ""
            rank = 2 * bool(texts) + named + bool(stars)
            found.append((-rank, -(dataset.rows or 0), place, Opinions(dataset, text, stars)))
    return tuple(o for *_, o in sorted(found, key=lambda f: f[:3]))


def _is_free(field: Field) -> bool:
    """Free words; a field of personal data is none, nor one that is masked."""
    return field.kind == "text" and field.datatype == "String" and not field.sensitivity


def _are_stars(field: Field) -> bool:
    names = " ".join((field.name, field.label, *field.synonyms)).lower()
    if field.kind not in ("number", "measure", "category") or not any(word in names for word in _STARS):
        return False
    low, high = _scale(field)
    return low >= 0 and 2 <= high - low <= max(_SCALES)


def _scale(field: Field) -> tuple[float, float]:
    """The ends of a scale: 1 to 5 or 0 to 10, also where nobody gave the lowest mark."""
    low, high = field.low, field.high
    if isinstance(low, str) or isinstance(high, str) or low is None or high is None:
        return 0.0, 0.0
    return min(1.0, float(low)), next((end for end in _SCALES if high <= end), float(high))
