"""The grammar's rules, one small file for each kind; `RULES` is their order: the more specific first."""

from bi_chat.planners.grammar.rules.calculate import CALCULATION_RULES
from bi_chat.planners.grammar.rules.duration import DURATION_RULES
from bi_chat.planners.grammar.rules.filters import FILTER_RULES
from bi_chat.planners.grammar.rules.frame import FRAME_RULES
from bi_chat.planners.grammar.rules.grouping import GROUPING_RULES
from bi_chat.planners.grammar.rules.lifecycle import LIFECYCLE_RULES
from bi_chat.planners.grammar.rules.nouns import NOUN_RULES
from bi_chat.planners.grammar.rules.ranking import RANKING_RULES
from bi_chat.planners.grammar.rules.relation import RELATION_RULES
from bi_chat.planners.grammar.rules.spans import SPAN_RULES
from bi_chat.planners.grammar.rules.time import TIME_RULES
from bi_chat.planners.grammar.rules.voices import VOICE_RULES

RULES = (
    *VOICE_RULES,
    *LIFECYCLE_RULES,
    *DURATION_RULES,
    *SPAN_RULES,
    *FRAME_RULES,
    *CALCULATION_RULES,
    *TIME_RULES,
    *RANKING_RULES,
    *RELATION_RULES,
    *FILTER_RULES,
    *GROUPING_RULES,
    *NOUN_RULES,
)
