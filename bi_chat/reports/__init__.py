"""In: a report file, open data, a moment. Out: a report: what changed, why, what to expect; as pages and on time."""
