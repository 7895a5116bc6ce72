"""In: whatever a user points at. Out: one read-only DuckDB file and an honest report of how it was read."""
