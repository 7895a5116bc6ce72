"""Ask the sample data from Python: `python examples/ask.py` in a clone of the repository."""

import bi_chat

opened = bi_chat.connect("datasets/teahouse", model="datasets/teahouse/model.yaml")
session = opened.session()

answer = session.ask("revenue by month in 2024")
print(answer)  # sentences, rows, how the question was read, what was assumed
print(answer.sql)  # the statement that was run
print(answer.frame.head(3))  # the rows, as a polars frame

print(session.ask("by product group").text)  # a follow-up edits the plan before

opened.close()
