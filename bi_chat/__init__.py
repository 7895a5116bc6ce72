"""bi_chat answers questions about data: `ask()`, `Session`, `Answer` and the errors. Everything else is inside."""
