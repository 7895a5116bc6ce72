"""What the data mean: the semantic model, drafting one, the lexicon of names and values."""
