"""What is remembered, from the command line: gone on with, audited, copied, forgotten, examined."""

from __future__ import annotations

import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bi_chat.frontends.cli import main

SALES = "day,region,revenue\n2025-01-15,North,10\n2025-02-15,South,20\n2025-03-15,North,40\n"


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BI_CHAT_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.delenv("BI_CHAT_STORE", raising=False)
    return tmp_path / "state" / "bi_chat.sqlite"


@pytest.fixture
def chat(tmp_path: Path, state: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "sales.csv"
    file.write_text(SALES)

    def typed(*lines: str, last: bool = False) -> int:
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        return main(["chat", "--data", str(file), *(["--last"] if last else [])])

    return typed


def test_the_last_conversation_goes_on(chat, capsys):
    chat("total revenue by region")
    capsys.readouterr()
    chat("only North", last=True)
    shown = capsys.readouterr().out
    assert "total revenue by region" in shown
    assert "50" in shown.rpartition("total revenue by region")[2]


def test_the_audit_log_is_checked_and_exported(chat, state, capsys):
    chat("total revenue by region", "\\quit")
    capsys.readouterr()
    assert main(["audit", "verify"]) == 0
    said = capsys.readouterr().out
    digest = said.split("digest: ")[1].split()[0]
    assert main(["audit", "verify", "--expect", digest]) == 0
    capsys.readouterr()
    main(["audit", "export"])
    row = json.loads(capsys.readouterr().out)
    assert (row["digest"], row["entry"]["question"]) == (digest, "total revenue by region")
    with closing(sqlite3.connect(state)) as at:
        at.execute("DELETE FROM audit")
        at.commit()
    assert main(["audit", "verify", "--expect", digest]) == 1
    assert "cut off" in capsys.readouterr().err


def test_a_changed_log_is_reported(chat, state, capsys):
    chat("total revenue", "total revenue by region")
    with closing(sqlite3.connect(state)) as at:
        at.execute("DELETE FROM audit WHERE number = 1")
        at.commit()
    assert main(["audit", "verify"]) == 1
    assert "Entry 2" in capsys.readouterr().err
    assert main(["doctor"]) == 1
    assert "audit log was changed" in capsys.readouterr().out


def test_old_entries_are_pruned(chat, capsys):
    chat("total revenue")
    capsys.readouterr()
    assert main(["audit", "prune", "--before", "0d"]) == 0
    assert capsys.readouterr().out.startswith("1 ")
    assert main(["audit", "verify"]) == 0
    assert main(["audit", "prune", "--before", "soon"]) == 2
    assert "2026-01-31" in capsys.readouterr().err


def test_copied_forgotten_and_brought_back(chat, tmp_path, capsys):
    chat("total revenue by region")
    copy = str(tmp_path / "copy.sqlite")
    assert main(["store", "backup", copy]) == 0
    capsys.readouterr()
    assert main(["store", "forget"]) == 0
    assert capsys.readouterr().out == "1 conversation deleted.\n"
    assert main(["store", "restore", copy]) == 0
    capsys.readouterr()
    assert main(["store", "forget"]) == 0
    assert capsys.readouterr().out == "1 conversation deleted.\n"


def test_the_doctor_finds_all_well(state, capsys):
    assert main(["doctor"]) == 0
    shown = capsys.readouterr().out
    assert "an answer" in shown and "!!" not in shown


def test_the_doctor_names_a_folder_that_cannot_be_written(state, tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BI_CHAT_STATE_DIR", str(tmp_path / "file" / "state"))
    assert main(["doctor"]) == 1
    shown = capsys.readouterr().out
    assert "!!  state" in shown and "Traceback" not in shown


def test_what_a_person_taught_is_forgotten_with_them(chat, state, capsys):
    chat("by income I mean revenue")
    assert list(state.parent.glob("learned/local/*.yaml"))
    main(["store", "forget"])
    assert not list(state.parent.glob("learned/local/*.yaml"))


def test_a_question_under_a_policy_is_written_down(tmp_path, state, capsys):
    file = tmp_path / "sales.csv"
    file.write_text(SALES)
    policy = tmp_path / "policy.yaml"
    policy.write_text(
        "version: 1\nroles:\n  reader:\n    datasets:\n      sales: all\nusers:\n  ana: {roles: [reader]}\n"
    )
    asked = ["ask", "total revenue by region", "--data", str(file)]
    assert main(asked) == 0
    assert not state.exists(), "without rights nothing is kept of a single question"
    assert main([*asked, "--policy", str(policy), "--as", "ana"]) == 0
    capsys.readouterr()
    main(["audit", "export"])
    entry = json.loads(capsys.readouterr().out)["entry"]
    assert (entry["user"], entry["door"], entry["question"]) == ("ana", "cli", "total revenue by region")
