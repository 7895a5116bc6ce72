"""In: a result and a plan. Out: the chart that suits them, as a value, and its figure."""
