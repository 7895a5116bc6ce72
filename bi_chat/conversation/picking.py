"""In: what was typed after asking back, and the readings that were offered. Out: the one that was picked, if any.

"the second one", "by revenue", 第二个, 按销售额: a place in the list, or words that only one of them bears.
"""

from __future__ import annotations

from bi_chat.language.meanings import Amount, Token
from bi_chat.language.registry import choosing_words, detect, get
from bi_chat.values.answer import AnswerValue
from bi_chat.values.reading import Reading

MOST_WORDS = 8  # longer sentences are questions of their own


def picked(text: str, last: AnswerValue) -> Reading | None:
    """The offered reading that a short answer means; None when it is no such answer, or fits several."""
    if last.status != "clarify" or not last.choices:
        return None
    language = get(detect(text))
    tokens = language.tokenize(text)
    small = choosing_words(language.code)
    content = [t for t in tokens if t.norm not in small and any(ch.isalnum() for ch in t.text)]
    if not content or len(content) > MOST_WORDS:
        return None
    place = _place(content, text)
    if place is not None:
        return last.choices[place - 1] if 1 <= place <= len(last.choices) else None
    said = {t.stem for t in content}
    labels = [(r, {t.stem for t in language.tokenize(r.label)}) for r in last.choices]
    fitting = [r for r, label in labels if said == label] or [r for r, label in labels if said <= label]
    return fitting[0] if len(fitting) == 1 else None


def _place(content: list[Token], text: str) -> int | None:
    """ "second", 第二个, a bare "2": a number and nothing else."""
    start, end = content[0].start, content[-1].end
    language = get(detect(text))
    for match in language.matches(language.tokenize(text[start:end])):
        value = match.meaning
        whole = match.start == 0 and match.end == len(language.tokenize(text[start:end]))
        if whole and isinstance(value, Amount) and not value.unit and float(value.value).is_integer():
            return int(value.value)
    return None
