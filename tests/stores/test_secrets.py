"""Secrets are kept in cipher under the owner's rights alone; a wrong or lost key says so and destroys nothing."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from bi_chat.errors import SettingsError, StoreError
from bi_chat.stores.cryptography import Seal, SecretsFile

KEY = "kX3v-Qb8mZt5Lr2Hw9Ys6Nc1Pd4Gf7Ja0"
OTHER = KEY[::-1]


def test_what_is_kept_is_read_again_and_lies_in_cipher(tmp_path: Path) -> None:
    kept = SecretsFile(tmp_path / "state")
    kept.keep("mail.password", "pässwörd 密码")
    kept.keep("hook", "open sesame")
    assert SecretsFile(tmp_path / "state").read("mail.password") == "pässwörd 密码"
    assert kept.names() == ("hook", "mail.password")
    assert "pässwörd" not in kept.file.read_text("utf-8") and "sesame" not in kept.file.read_text("utf-8")
    for file in (kept.file, kept.folder / "secrets.key"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(f.name for f in kept.folder.iterdir()) == ["secrets.json", "secrets.key"]
    assert kept.delete("hook") and not kept.delete("hook")
    assert kept.names() == ("mail.password",)


@pytest.mark.parametrize("name", ["", "../x", "a b", "=x", "é", "x" * 65])
def test_names_are_plain(tmp_path: Path, name: str) -> None:
    with pytest.raises(StoreError, match="letter"):
        SecretsFile(tmp_path).keep(name, "x")


def test_another_key_reads_nothing_and_writes_nothing(tmp_path: Path) -> None:
    SecretsFile(tmp_path, KEY).keep("one", "1")
    before = SecretsFile(tmp_path, KEY).file.read_bytes()
    with pytest.raises(StoreError, match="BI_CHAT_STORE_KEY"):
        SecretsFile(tmp_path, OTHER).read("one")
    with pytest.raises(StoreError, match="BI_CHAT_STORE_KEY"):
        SecretsFile(tmp_path, OTHER).keep("two", "2")
    assert SecretsFile(tmp_path, KEY).file.read_bytes() == before


def test_a_lost_key_is_not_replaced(tmp_path: Path) -> None:
    kept = SecretsFile(tmp_path)
    kept.keep("one", "1")
    (tmp_path / "secrets.key").unlink()
    with pytest.raises(StoreError, match="is gone"):
        kept.read("one")
    with pytest.raises(StoreError, match="is gone"):
        kept.keep("two", "2")
    assert not (tmp_path / "secrets.key").exists()


def test_a_cipher_under_another_name_does_not_open(tmp_path: Path) -> None:
    kept = SecretsFile(tmp_path)
    kept.keep("one", "1")
    kept.file.write_text(kept.file.read_text("utf-8").replace("one", "two"), "utf-8")
    with pytest.raises(StoreError):
        kept.read("two")


def test_a_damaged_file_is_left_alone(tmp_path: Path) -> None:
    file = SecretsFile(tmp_path).file
    file.write_text("{broken", "utf-8")
    with pytest.raises(StoreError, match="left as it is"):
        SecretsFile(tmp_path).keep("one", "1")
    assert file.read_text("utf-8") == "{broken"


@pytest.mark.parametrize("key", ["", "short", "a" * 40, "ab" * 20])
def test_weak_keys_are_refused(key: str) -> None:
    with pytest.raises(SettingsError, match="at random"):
        Seal(key)


def test_from_the_command_line_the_value_is_never_an_argument(tmp_path: Path) -> None:
    def secret(*arguments: str, value: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "bi_chat", "secret", *arguments]
        environment = {**os.environ, "BI_CHAT_STATE_DIR": str(tmp_path / "state")}
        return subprocess.run(command, input=value, env=environment, capture_output=True, text=True, check=False)

    assert secret("set", "mail.password", value="s3cret\n").stdout == "Kept.\n"
    assert secret("list").stdout == "mail.password\n"
    assert SecretsFile(tmp_path / "state").read("mail.password") == "s3cret"
    assert secret("set", "mail.password", "s3cret").returncode == 2
    empty = secret("set", "empty")
    assert empty.returncode == 2 and "empty" in empty.stderr
    assert secret("delete", "mail.password").stdout == "Deleted.\n"
    assert secret("delete", "mail.password").returncode == 1
