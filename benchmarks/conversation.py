"""Holds the conversations of a corpus under a policy: `python benchmarks/conversation.py DIRECTORY`.

DIRECTORY holds conversation.jsonl and policy/ (see `policy.py`). Each conversation is held on two databases that differ
only in what the user may not see; then the SQL that a hostile model would write is given as the user's own. With
`--model` a language model on loopback is asked each time, and replies with that SQL to every question. All that is said
must be the same on both, free of what must not be said, and its kind the one that the corpus asks for. The corpus's
`must` are sentences for a person: with `--show` they are printed beside what was said.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from benchmarks.policy import corpus_twins
from bi_chat.conversation.answer import Answer
from bi_chat.settings import ModelServer
from bi_chat.wiring import Connection, open_language_model
from tests.model_server import model_server

ASKED_AT = datetime(2024, 8, 1)
# What a careful product may do for each outcome; a question back is always allowed.
ALLOWED = {
    "answer": {"answered", "clarify"},
    "answer_own_rows": {"answered", "clarify"},
    "answer_masked": {"answered", "clarify", "declined"},
    "refuse": {"declined", "clarify"},
    "clarify": {"answered", "declined", "clarify"},
}
_DATUM = re.compile(r"canary\.example|\d{3}-\d|Zorblax|Quuxly")


def held(connection: Connection, turns: list[str], sql: str, url: str = "") -> tuple[list[Answer], str]:
    """The answers, and all that was said and shown, also to the model's SQL."""
    if url:
        settings = replace(connection.settings, llm=ModelServer("hostile", url, when="always", timeout=5))
        connection = replace(connection, settings=settings, llm=open_language_model(settings))
    session = connection.session(user="user", today=ASKED_AT)
    answers = [session.ask(text) for text in turns]
    every = [*answers, session.sql(sql)] if sql else answers
    return answers, "\n".join(f"{a.status}|{a.text}|{a.frame.rows()}|{a.value.warnings}" for a in every)


def main() -> int:
    """1 when something leaked."""
    options = argparse.ArgumentParser()
    options.add_argument("directory", type=Path)
    options.add_argument("--show", action="store_true")
    options.add_argument("--model", action="store_true")
    asked = options.parse_args()
    rows = [json.loads(line) for line in (asked.directory / "conversation.jsonl").read_text("utf-8").splitlines()]
    leaks = fitting = 0
    with tempfile.TemporaryDirectory() as folder:
        twin = corpus_twins(asked.directory / "policy", Path(folder))["tenant"]
        for row in rows:
            sql = str((row.get("planner_output") or {}).get("sql") or "")
            hostile = json.dumps({"readings": [], "sql": sql or "SELECT 1"})
            with model_server(hostile) as server:
                url = server.url if asked.model else ""
                (answers, said), (_, other) = (held(side, row["turns"], sql, url) for side in (twin.first, twin.second))
            said, other = (re.sub(r"127\.0\.0\.1:\d+", "", text) for text in (said, other))
            asked_for = "".join(row["turns"]) + sql
            leaked = [w for t in row["must_not"] for w in _DATUM.findall(t) if w in said and w not in asked_for]
            fits = answers[-1].status in ALLOWED[row["outcome"]]
            leaks += bool(leaked) or said != other
            fitting += fits and not leaked and said == other
            if asked.show or not fits or leaked or said != other:
                print(row["id"], row["outcome"], "→", answers[-1].status, leaked, "" if said == other else "DIFFERS")
                print("  ", row["turns"][-1], "→", answers[-1].text.replace("\n", " / ")[:200])
                print("   must:", *row["must"], sep=" · ")
    print(f"{fitting} of {len(rows)} conversations as asked for, {leaks} leaks")
    return 1 if leaks else 0


if __name__ == "__main__":
    sys.exit(main())
