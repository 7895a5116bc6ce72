"""Out: what one person taught about one source: words of their own, and questions whose reading they confirmed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from bi_chat.values.plan import Plan


@dataclass(frozen=True, slots=True)
class OwnWord:
    """`says` stands for a thing of the model. kind: metric, dataset, field or value; parts that don't apply are ''."""

    says: str
    kind: str
    name: str = ""
    dataset: str = ""
    field: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True)
class KnownQuestion:
    """A question, the plan that its asker chose or confirmed, and how that reads."""

    text: str
    language: str
    plan: Plan
    reading: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Learned:
    """Later lessons replace earlier ones about the same words."""

    words: tuple[OwnWord, ...] = ()
    questions: tuple[KnownQuestion, ...] = ()

    def with_word(self, word: OwnWord) -> Learned:
        """One more word, or another meaning of a known one."""
        return replace(self, words=(*self.without(word.says).words, word))

    def with_question(self, question: KnownQuestion) -> Learned:
        """One more question, or another reading of a known one."""
        return replace(self, questions=(*self.without(question.text).questions, question))

    def without(self, text: str) -> Learned:
        """All but the word or question of that text."""
        said = text.strip().casefold()
        return Learned(
            tuple(w for w in self.words if w.says.casefold() != said),
            tuple(q for q in self.questions if q.text.strip().casefold() != said),
        )
