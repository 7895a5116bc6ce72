"""Out: the parser of the `bi-chat` command, and its options with their types. Nothing heavy is imported for it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from bi_chat import __version__

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

DATA_HELP = (
    "a file, folder, glob or database, or a sample set by name; may be given several times (default: the sample data)"
)
PORT = 8501


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
    time: str = ""
    value: str = ""
    by: str | None = None
    horizon: int = 0
    freq: str | None = None
    level: list[int]
    kind: str | None = None
    as_of: str | None = None


def parser() -> argparse.ArgumentParser:
    """`bi-chat ask | chat | demo | source check | model draft|check | evaluate | forecast`."""
    root = argparse.ArgumentParser(prog="bi-chat", description="Ask your data in words; see how each answer was made.")
    root.add_argument("--version", action="version", version=f"bi-chat {__version__}")
    commands = root.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _ask(commands)
    _chat(commands)
    _demo(commands)
    _source(commands)
    _model(commands)
    _evaluate(commands)
    _forecast(commands)
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
    _over_data(_command(commands, "chat", "chat", "Ask one question after another in the terminal."))


def _demo(commands: Commands) -> None:
    made = _command(commands, "demo", "demo", "Open the web app in the browser, on the sample data or on yours.")
    made.add_argument("--data", action="append", metavar="SPEC", help=DATA_HELP)
    made.add_argument("--port", type=_above_zero, default=PORT, metavar="N", help=f"default: {PORT}")
    made.add_argument("--no-browser", action="store_true", help="only serve it")


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


def _evaluate(commands: Commands) -> None:
    made = _command(commands, "evaluate", "evaluate", "Answer a file of questions, to measure how many come out right.")
    made.add_argument("file", metavar="QUESTIONS.jsonl")
    made.add_argument(
        "--databases", required=True, metavar="DIR", help="holds NAME.duckdb for each `db` of the questions"
    )
    made.add_argument("--models", metavar="DIR", help="holds NAME.yaml; databases without one get a drafted model")
    made.add_argument("--planner", choices=("grammar",), default="grammar")
    made.add_argument("--output", metavar="PREDICTIONS.jsonl", help="default: standard output")
    made.add_argument("--limit", type=_above_zero, metavar="N", help="only the first N questions")


def _forecast(commands: Commands) -> None:
    made = _command(commands, "forecast", "forecast", "Forecast the series of a table, with ranges.")
    made.add_argument("file", metavar="FILE", help="CSV or Parquet, one row for each time and series")
    made.add_argument("--time", required=True, metavar="COLUMN")
    made.add_argument("--value", required=True, metavar="COLUMN")
    made.add_argument("--by", metavar="COLUMN", help="tells the series apart")
    made.add_argument("--horizon", required=True, type=_above_zero, metavar="STEPS")
    made.add_argument("--freq", metavar="CODE", help="H, D, W, M, Q or Y, like 2H (default: found)")
    made.add_argument("--level", nargs="+", type=int, default=[80, 95], metavar="PERCENT", help="default: 80 95")
    made.add_argument(
        "--kind",
        choices=("sum", "level"),
        help="sum: a missing time is 0, repeated times add up; level: unknown, and their mean (default: unknown; refused)",
    )
    made.add_argument("--as-of", metavar="DATE", help="leave out the last period if it was not over then")
    made.add_argument("--output", required=True, metavar="FILE", help=".parquet or .csv")


def _above_zero(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("should be 1 or more")
    return number
