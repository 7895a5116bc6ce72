"""In: a browser session. Out: the web app: ask, see the answer and how it was made, look at the data."""
