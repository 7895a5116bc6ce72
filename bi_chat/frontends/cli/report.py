"""In: a report file. Out: its pages in a folder or the browser, or its faults with their lines."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bi_chat.settings import load_settings

if TYPE_CHECKING:
    from bi_chat.frontends.cli.arguments import Options
    from bi_chat.frontends.reporting import Desk

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

FORMATS = ("html", "pdf", "xlsx", "md", "pptx")
FAULTY = 1


def register(commands: Commands) -> None:
    """Add `bi-chat report run | check | preview | schema`."""
    actions = commands.add_parser("report", help="Make reports from files.").add_subparsers(
        metavar="ACTION", required=True
    )
    for name, about in (
        ("run", "Make a report's pages now, without sending them to anybody."),
        ("preview", "Make it and open it in the browser."),
        ("check", "List every fault of a report file, with its line and what to write instead; asks its questions."),
        ("schema", "Print the JSON Schema of report files, for editors."),
    ):
        made = actions.add_parser(name, help=about, description=about)
        made.set_defaults(command="report", action=name)
        if name != "schema":
            made.add_argument("file", metavar="REPORT.yaml")
            over_data(made)
        if name == "run":
            made.add_argument("--output", metavar="FOLDER", help="default: the current one")
            made.add_argument("--format", dest="formats", action="append", choices=FORMATS, help="default: the file's")


def over_data(made: argparse.ArgumentParser) -> None:
    """Data for files that name none, and who asks."""
    made.add_argument("--data", action="append", metavar="SPEC", help="where the report names none")
    made.add_argument("--model", metavar="FILE", help="a semantic model, where the report names none")
    made.add_argument("--policy", metavar="FILE", help="who may see what, where the report names none")
    made.add_argument("--as", dest="user", default="", metavar="USER", help="who reads it, as the policy names them")
    made.add_argument("--today", metavar="DATE", help="the day that its questions count from")


def run(options: Options) -> int:
    """0 done, 1 the file has faults or its condition does not hold."""
    if options.action == "schema":
        return _schema()
    desk = desk_of(options)
    try:
        if options.action == "check":
            return _check(options, desk)
        folder = Path(options.output or ".")
        if options.action == "preview":
            import tempfile

            folder, options.formats = Path(tempfile.mkdtemp(prefix="bi_chat_preview_")), ["html"]
        files = _made(options, desk, folder)
    finally:
        desk.close()
    if options.action == "preview" and files:
        import webbrowser

        webbrowser.open(files[0].resolve().as_uri())
    return 0 if files else FAULTY


def desk_of(options: Options) -> Desk:
    """With what the options say for files that don't."""
    from bi_chat.frontends.open_data import day_of
    from bi_chat.frontends.reporting import Desk
    from bi_chat.wiring import open_store

    settings = load_settings()
    policy = options.policy or settings.policy
    store = open_store(settings) if policy else None
    return Desk(settings, store, tuple(options.data or ()), options.model or "", policy, day_of(options.today))


def _schema() -> int:
    import json

    from bi_chat.reports.file import schema

    print(json.dumps(schema(), indent=2, ensure_ascii=False))
    return 0


def _check(options: Options, desk: Desk) -> int:
    from bi_chat.reports.file import load_report
    from bi_chat.reports.trial import tried

    found = load_report(Path(options.file))
    report = found.report
    if report is not None:
        user = options.user or next((r.user for r in report.recipients if r.user), "")
        session, _ = desk.session(report, user, datetime.now())
        found = tried(found, session)
        session.close()
    for fault in found.faults:
        print(fault)
    for doubt in found.doubts:
        print(f"{doubt} (no fault)")
    if not found.faults:
        count = sum(bool(i.ask or i.plan) for i in report.items) if report is not None else 0
        said = "1 question, answered" if count == 1 else f"{count} questions, all answered"
        print(f"{options.file}: {said}. Nothing to mend.")
    return FAULTY if found.faults else 0


def _made(options: Options, desk: Desk, folder: Path) -> list[Path]:
    """The files of each variant; none where a condition does not hold."""
    from bi_chat.delivery.folder import put
    from bi_chat.reports.compose import compose
    from bi_chat.reports.composed import Withheld
    from bi_chat.reports.file import load_report
    from bi_chat.reports.rendering import rendered

    report = load_report(Path(options.file)).require()
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for variant in report.variants:
        session, at = desk.session(report, options.user, datetime.now())
        composed = compose(report, variant, session, at)
        session.close()
        if isinstance(composed, Withheld):
            print(*composed.said, sep="\n")
            continue
        for form in options.formats or report.formats:
            made = rendered(composed, form, desk.pictures)
            put(folder / made.name, made.content)
            files.append(folder / made.name)
            print(f"Written to {files[-1]}.", file=sys.stderr)
    return files
