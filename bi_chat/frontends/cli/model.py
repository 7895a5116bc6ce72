"""In: data, or a semantic model file. Out: a drafted model file, or every fault of the one that was given."""

from __future__ import annotations

import sys
from pathlib import Path

from bi_chat.frontends.cli.arguments import Options
from bi_chat.frontends.cli.ask import say_progress


def run(options: Options) -> int:
    """Draft or check."""
    return _draft(options) if options.action == "draft" else _check(options)


def _draft(options: Options) -> int:
    from bi_chat.semantics.ossie import write_drafted
    from bi_chat.wiring import connect

    opened = connect(options.source, progress=say_progress)
    try:
        text = write_drafted(opened.model)
    finally:
        opened.close()
    if options.output is None:
        print(text, end="")
        return 0
    Path(options.output).write_text(text, encoding="utf-8")
    model = opened.model
    counted = f"{len(model.datasets)} datasets, {len(model.relationships)} relationships, {len(model.metrics)} metrics"
    print(
        f'Written to {options.output}: {counted}. Each guess carries its evidence: look for "guess".', file=sys.stderr
    )
    return 0


def _check(options: Options) -> int:
    from bi_chat.semantics.ossie import validate

    catalog = None
    if options.data:
        from bi_chat.frontends.open_data import open_data

        opened = open_data(options.data)
        catalog = opened.connection.catalog
        opened.connection.close()
    faults = validate(Path(options.file), catalog=catalog)
    for fault in faults:
        print(fault)
    if not faults:
        print(f"{options.file} has no faults.")
    return 1 if faults else 0
