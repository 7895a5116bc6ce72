"""The planner that asks a language model: what it is shown, what it must answer, and how that answer is checked."""
