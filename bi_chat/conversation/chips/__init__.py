"""What was understood, part by part, each of which can be changed by itself."""

from bi_chat.conversation.chips.chip import Asked, Chip, Edit, Values
from bi_chat.conversation.chips.drill import drills
from bi_chat.conversation.chips.filters import values_for, values_of, with_values
from bi_chat.conversation.chips.groupings import fields, more_groupings
from bi_chat.conversation.chips.periods import between
from bi_chat.conversation.chips.reading import chips, computes, edits, removed

__all__ = [
    "Asked",
    "Chip",
    "Edit",
    "Values",
    "between",
    "chips",
    "computes",
    "drills",
    "edits",
    "fields",
    "more_groupings",
    "removed",
    "values_for",
    "values_of",
    "with_values",
]
