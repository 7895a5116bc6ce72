"""In: a policy file. Out: its faults, what one user sees in words, or which cases of a file of expectations hold."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from bi_chat.frontends.cli.arguments import Options
from bi_chat.frontends.cli.ask import say_progress
from bi_chat.frontends.open_data import OpenData, open_data
from bi_chat.frontends.policy_cases import read_cases, try_case
from bi_chat.sql.policy.access import faults
from bi_chat.sql.policy.names import Names
from bi_chat.sql.policy.reading import load_policy
from bi_chat.sql.policy.words import seen_in_words


def run(options: Options) -> int:
    """Check, show or test."""
    return {"check": _check, "show": _show, "test": _test}[options.action](options)


def _check(options: Options) -> int:
    loaded = load_policy(Path(options.file))
    if not loaded.faults and options.data:
        opened = open_data(options.data, model=options.model, progress=say_progress)
        try:
            connection = opened.connection
            loaded = loaded.with_faults(faults(loaded.policy, Names(connection.catalog, connection.model)))
        finally:
            opened.connection.close()
    for fault in loaded.faults:
        print(fault)
    if not loaded.faults:
        unseen = "" if options.data else " Names of datasets and fields were not looked up: give --data for that."
        print(f"{options.file} has no faults.{unseen}")
    return 1 if loaded.faults else 0


def _show(options: Options) -> int:
    with closing(_opened(options).connection) as connection:
        if connection.worlds is not None:
            access = connection.worlds.access(options.user)
            print("\n".join(seen_in_words(access, Names(connection.catalog, connection.model))))
    return 0


def _test(options: Options) -> int:
    cases = read_cases(Path(options.cases))
    opened = _opened(options)
    with closing(opened.connection):
        outcomes = [try_case(case, opened) for case in cases]
    failed = [o for o in outcomes if o.problem]
    for outcome in failed:
        print(f"✗ {outcome.case.user}: {outcome.case.title}\n  {outcome.problem}")
    print(f"{len(cases)} cases: {len(cases) - len(failed)} hold, {len(failed)} do not")
    return 1 if failed else 0


def _opened(options: Options) -> OpenData:
    return open_data(options.data, model=options.model, today=options.today, progress=say_progress, policy=options.file)
