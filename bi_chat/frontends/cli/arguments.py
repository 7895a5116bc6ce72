"""Out: the parser of the `bi-chat` command, and its options with their types. Nothing heavy is imported for it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from bi_chat import __version__
from bi_chat.frontends.cli import audit, doctor, forecast, key, report, schedule, secret, store

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

DATA_HELP = (
    "a file, folder, glob or database, or a sample set by name; may be given several times (default: the sample data)"
)
PORT = 8501
HERE = "127.0.0.1"


class Options(argparse.Namespace):
    """Every option of every command; `command` names the module that runs it."""

    command: str = ""
    questions: list[str]
    data: list[str] | None = None
    model: str | None = None
    today: str | None = None
    json: bool = False
    html: str | None = None
    sql: bool = False
    explain: bool = False
    limit: int | None = None
    port: int = PORT
    no_browser: bool = False
    action: str = ""
    source: str = ""
    output: str | None = None
    file: str = ""
    databases: str = ""
    models: str | None = None
    planner: str = "grammar"
    record: str | None = None
    replay: str | None = None
    last: bool = False
    policy: str | None = None
    user: str = ""
    cases: str = ""
    before: str = ""
    expect: str = ""
    host: str = HERE
    scope: str = ""
    expires: str = ""
    prefix: str = ""
    formats: list[str] | None = None
    reports: list[str] | None = None
    report: str = ""
    once: bool = False
    workers: int = 2


def parser() -> argparse.ArgumentParser:
    """`bi-chat ask | chat | demo | serve | api | key | source | model | sql | policy | evaluate | audit | …`."""
    root = argparse.ArgumentParser(prog="bi-chat", description="Ask your data in words; see how each answer was made.")
    root.add_argument("--version", action="version", version=f"bi-chat {__version__}")
    commands = root.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _ask(commands)
    _chat(commands)
    _demo(commands)
    _serve(commands)
    _source(commands)
    _model(commands)
    _sql(commands)
    _policy(commands)
    _evaluate(commands)
    key.register(commands)
    audit.register(commands)
    store.register(commands)
    secret.register(commands)
    doctor.register(commands)
    forecast.register(commands)
    report.register(commands)
    schedule.register(commands)
    return root


def _command(commands: Commands, name: str, module: str, about: str) -> argparse.ArgumentParser:
    made = commands.add_parser(name, help=about, description=about)
    made.set_defaults(command=module)
    return made


def _over_data(made: argparse.ArgumentParser) -> None:
    made.add_argument("--data", action="append", metavar="SPEC", help=DATA_HELP)
    made.add_argument("--model", metavar="FILE", help="a semantic model; without one it is drafted from the data")
    made.add_argument(
        "--today", metavar="DATE", help='the day that "last month" counts from, like 2025-10-18 (default: now)'
    )
    _under_policy(made)


def _under_policy(made: argparse.ArgumentParser) -> None:
    made.add_argument("--policy", metavar="FILE", help="show only what this policy grants to --as")
    made.add_argument("--as", dest="user", default="", metavar="USER", help="who is asking, as the policy names them")


def _ask(commands: Commands) -> None:
    made = _command(commands, "ask", "ask", "Answer a question; several questions are one conversation.")
    made.add_argument("questions", nargs="+", metavar="QUESTION")
    _over_data(made)
    form = made.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print the whole answer as JSON, one line for each question")
    form.add_argument("--html", metavar="FILE", help="write the answer as one self-contained page")
    form.add_argument("--sql", action="store_true", help="print only the SQL")
    made.add_argument("--explain", action="store_true", help="print the SQL and the time of each stage as well")
    made.add_argument("--limit", type=_above_zero, metavar="N", help="read at most N rows of a result")


def _chat(commands: Commands) -> None:
    made = _command(commands, "chat", "chat", "Ask one question after another in the terminal.")
    _over_data(made)
    made.add_argument("--last", action="store_true", help="go on with the last conversation over these data")


def _demo(commands: Commands) -> None:
    made = _command(commands, "demo", "demo", "Open the web app in the browser, on the sample data or on yours.")
    _over_data(made)
    made.add_argument("--port", type=_above_zero, default=PORT, metavar="N", help=f"default: {PORT}")
    made.add_argument("--no-browser", action="store_true", help="only serve it")


def _serve(commands: Commands) -> None:
    both = _command(commands, "serve", "serve", "Serve the web app and the HTTP API, to others where people sign in.")
    alone = _command(commands, "api", "api", "Serve the HTTP API alone, to others where they have keys or sign in.")
    for made in (both, alone):
        _over_data(made)
        made.add_argument("--host", default=HERE, metavar="ADDRESS", help=f"default: {HERE}, this machine alone")
        made.add_argument("--port", type=_above_zero, default=PORT, metavar="N", help=f"default: {PORT}")


def _source(commands: Commands) -> None:
    actions = commands.add_parser("source", help="Look at files.").add_subparsers(metavar="ACTION", required=True)
    made = _command(
        actions, "check", "source", "Say how a file would be read, what would be changed and what is doubtful."
    )
    made.add_argument("file", metavar="FILE")
    made.add_argument("--json", action="store_true")


def _model(commands: Commands) -> None:
    actions = commands.add_parser("model", help="Draft or check a semantic model.").add_subparsers(
        metavar="ACTION", required=True
    )
    draft = _command(actions, "draft", "model", "Write a first model of any data, each guess with its evidence.")
    draft.set_defaults(action="draft")
    draft.add_argument("source", metavar="SOURCE")
    draft.add_argument("--output", metavar="FILE", help="default: standard output")
    check = _command(
        actions, "check", "model", "List every fault of a model file, with its line and what to write instead."
    )
    check.set_defaults(action="check")
    check.add_argument("file", metavar="FILE")
    check.add_argument(
        "--data", action="append", metavar="SPEC", help="check tables and columns against these data as well"
    )


def _sql(commands: Commands) -> None:
    actions = commands.add_parser("sql", help="Try SQL.").add_subparsers(metavar="ACTION", required=True)
    made = _command(actions, "check", "sql", "Say of each statement whether it may run, and give its rows.")
    made.add_argument("file", metavar="FILE.jsonl", help='lines such as {"id": "1", "sql": "SELECT …"}')
    made.add_argument("--source", required=True, action="append", dest="data", metavar="DB", help=DATA_HELP)
    made.add_argument("--model", metavar="FILE", help="a semantic model, for the names that a policy uses")
    _under_policy(made)
    made.add_argument("--output", metavar="OUT.jsonl", help="default: standard output")
    made.add_argument("--limit", type=_above_zero, metavar="N", help="at most N rows of each")


def _policy(commands: Commands) -> None:
    actions = commands.add_parser("policy", help="Check, show or test who may see what.").add_subparsers(
        metavar="ACTION", required=True
    )
    check = _command(
        actions, "check", "policy", "List every fault of a policy, with its line and what to write instead."
    )
    show = _command(actions, "show", "policy", "Say in words what a user sees.")
    test = _command(actions, "test", "policy", "Run cases: a user, a question or SQL, and what must come out.")
    for made, action in ((check, "check"), (show, "show"), (test, "test")):
        made.set_defaults(action=action)
        made.add_argument("file", metavar="POLICY.yaml")
    show.add_argument("--as", dest="user", required=True, metavar="USER", help="as the policy names them")
    test.add_argument("cases", metavar="CASES.yaml")
    test.add_argument("--today", metavar="DATE", help="the day that questions are asked on")
    for made in (check, show, test):
        made.add_argument("--data", action="append", metavar="SPEC", help=DATA_HELP)
        made.add_argument("--model", metavar="FILE", help="the semantic model whose names the policy uses")


def _evaluate(commands: Commands) -> None:
    made = _command(commands, "evaluate", "evaluate", "Answer a file of questions, to measure how many come out right.")
    made.add_argument("file", metavar="QUESTIONS.jsonl")
    made.add_argument(
        "--databases", required=True, metavar="DIR", help="holds NAME.duckdb for each `db` of the questions"
    )
    made.add_argument("--models", metavar="DIR", help="holds NAME.yaml; databases without one get a drafted model")
    made.add_argument(
        "--planner",
        choices=("grammar", "unsure", "llm"),
        default="grammar",
        help="the embedded one alone; with the language model of BI_CHAT_LLM_… where it is unsure; with it each time",
    )
    made.add_argument("--record", metavar="DIR", help="write each request to the language model, with its reply, here")
    made.add_argument("--replay", metavar="DIR", help="answer for the language model from such files")
    made.add_argument("--output", metavar="PREDICTIONS.jsonl", help="default: standard output")
    made.add_argument("--limit", type=_above_zero, metavar="N", help="only the first N questions")


def _above_zero(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("should be 1 or more")
    return number
