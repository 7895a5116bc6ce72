"""In: questions on the command line. Out: their answers on stdout, as text, JSON or SQL, or as pages."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from bi_chat.conversation.answer import Answer
from bi_chat.frontends.cli.arguments import Options
from bi_chat.frontends.open_data import open_data
from bi_chat.settings import Settings, load_settings
from bi_chat.wiring import open_store


def run(options: Options) -> int:
    """Ask each question in turn; 1 when any was not answered."""
    opened = open_data(
        options.data,
        model=options.model,
        today=options.today,
        settings=_settings(options),
        progress=say_progress,
        policy=options.policy,
    )
    answered, store = True, None
    try:
        # under a policy it is written down who asked what
        store = open_store(load_settings()) if options.policy is not None else None
        session = opened.session(user=options.user, store=store, door="cli")
        for at, question in enumerate(options.questions):
            made = session.ask(question)
            answered = answered and made.status == "answered"
            show(made, options, at)
    finally:
        opened.connection.close()
        if store is not None:
            store.close()
    return 0 if answered else 1


def show(made: Answer, options: Options, at: int) -> None:
    """Print or write one answer; `at` counts the questions."""
    if options.json:
        print(made.to_json())
    elif options.html is not None:
        target = Path(options.html)
        target = target if at == 0 else target.with_stem(f"{target.stem}-{at + 1}")
        target.write_text(made.to_html(), encoding="utf-8")
        print(f"Written to {target}.", file=sys.stderr)
    elif options.sql and made.sql:
        print(made.sql)
    elif options.sql:
        print(made.text, file=sys.stderr)
    else:
        if len(options.questions) > 1:
            print(f"{chr(10) if at else ''}› {options.questions[at]}\n")
        print(explained(made) if options.explain else str(made))


def explained(made: Answer) -> str:
    """The answer with its SQL and the time of each stage."""
    from bi_chat.conversation.views import as_text

    times = "  ".join(f"{t.stage} {t.seconds * 1000:,.0f} ms" for t in made.value.timings)
    return f"{as_text(made.value, with_sql=True)}\n{times}"


def say_progress(text: str) -> None:
    """Reading large files takes a while: say so, but only to a person."""
    if sys.stderr.isatty():
        print(text, file=sys.stderr)


def _settings(options: Options) -> Settings:
    found = load_settings()
    return found if options.limit is None else replace(found, row_limit=options.limit)
