"""In: a board. Out: a report file that makes it again whenever it is due, on this machine, or to take elsewhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import streamlit as st

from bi_chat.conversation.boards import tile_plan
from bi_chat.conversation.chips import Asked
from bi_chat.frontends.web.data import given_policy, given_specs
from bi_chat.frontends.web.words import label, say
from bi_chat.reports.draft import draft_of_plans
from bi_chat.reports.file import read_report
from bi_chat.settings import load_settings
from bi_chat.values.board import Board

CHANNELS = ("folder", "mail")
_SAMPLE = "sample."


def schedule_box(board: Board, asked: Asked, source: str, stem: str) -> None:
    """A popover: when and where to; faults in words. Under a policy the file is handed over, not put in place: whoever
    runs the server decides what it sends."""
    language = asked.language
    box = st.popover(
        say("schedule", language), icon=":material/schedule_send:", key="board-schedule", on_change="rerun"
    )
    if not box.open:
        return
    with box:
        when = st.text_input(
            say("schedule.when", language), say("schedule.usual", language), key="schedule-when", max_chars=80,
            help=say("schedule.help", language),
        )  # fmt: skip
        kind = st.segmented_control(
            say("schedule.to", language), CHANNELS, default=CHANNELS[0], required=True, key="schedule-kind",
            format_func=lambda c: say(f"schedule.{c}", language),
        )  # fmt: skip
        place = st.text_input(
            say(f"schedule.{kind}.where", language), "out" if kind == "folder" else "", key=f"schedule-{kind}",
            max_chars=200,
        )  # fmt: skip
        text = report_text(board, asked, source, when=when, zone=_zone(), recipient=(kind, place.strip()))
        faults = [str(f) for f in read_report(text).faults]
        for fault in faults[:3]:
            st.warning(label(fault, 400), icon=":material/error:")
        if faults:
            return
        name = f"{stem}.yaml"
        st.download_button(
            say("schedule.take", language), text, name, "application/yaml", key="schedule-take", on_click="ignore",
            icon=":material/download:", width="stretch",
        )  # fmt: skip
        folder = None if given_policy() else report_folder()
        if folder is not None and st.button(
            say("schedule.put", language), key="schedule-put", icon=":material/check:", type="primary", width="stretch"
        ):
            _put(folder / name, text, language)


def report_text(
    board: Board, asked: Asked, source: str, *, when: str, zone: str, recipient: tuple[str, str] | None
) -> str:
    """The file: each tile's plan with the board's filters in it."""
    tiles = [(t.title, tile_plan(t, board, replace(asked, language=t.language))[0], False) for t in board.tiles]
    data = (source.removeprefix(_SAMPLE),) if source.startswith(_SAMPLE) else _absolute(given_specs())
    return draft_of_plans(
        board.name, tiles, data=data, language=asked.language, schedule=when, zone=zone, recipient=recipient
    )


def report_folder() -> Path | None:
    """Where reports of this machine lie; None where nothing is kept."""
    state = load_settings().state_dir
    return state / "reports" if state is not None else None


def _absolute(specs: tuple[str, ...]) -> tuple[str, ...]:
    """A report lies elsewhere than where the app was started."""
    return tuple(str(Path(s).resolve()) if Path(s).exists() else s for s in specs)


def _zone() -> str:
    """The browser's time zone."""
    return str(st.context.timezone or "UTC")


def _put(target: Path, text: str, language: str) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        target.write_text(text, "utf-8")
    except OSError:
        st.error(say("schedule.failed", language), icon=":material/error:")
        return
    st.success(say("schedule.done", language), icon=":material/check:")
    st.code(f'bi-chat schedule serve "{target.parent}"', language="bash")
