"""In: a question and the tools. Out: an answer, stage by stage; `pipeline` alone knows their order."""
