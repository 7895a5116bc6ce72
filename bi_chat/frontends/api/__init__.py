"""In: HTTP requests with a key or a token. Out: answers as JSON, from the same sessions as everywhere else."""
