"""In: a catalog and its profiles. Out: a drafted semantic model, each guess with its evidence."""

from bi_chat.semantics.drafting.draft import draft_model
from bi_chat.semantics.drafting.joins import Containment, draft_relationships
from bi_chat.semantics.drafting.keys import Uniqueness

__all__ = ["Containment", "Uniqueness", "draft_model", "draft_relationships"]
