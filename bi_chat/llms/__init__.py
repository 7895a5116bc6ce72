"""Language models: a server that speaks as OpenAI's does, what makes it bearable, and one that answers from files."""
