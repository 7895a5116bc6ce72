"""In: results and series. Out: facts, drivers, unusual points and regular histories; pure computation, no data read."""
