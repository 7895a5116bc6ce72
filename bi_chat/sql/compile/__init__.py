"""In: a plan, a semantic model and the day of asking. Out: `Query` or `Issue`, by `compile_plan`."""

from bi_chat.sql.compile.statement import compile_plan

__all__ = ["compile_plan"]
