"""Edited models: versions that are kept, undone and forgotten, and what a connection makes of them."""

from __future__ import annotations

import polars as pl
import pytest

from bi_chat.errors import StoreError
from bi_chat.semantics.ossie import write_drafted
from bi_chat.settings import Settings
from bi_chat.stores import own_models
from bi_chat.stores.own_models import OwnModel
from bi_chat.wiring import connect


def test_versions_come_and_go(tmp_path, monkeypatch):
    own = OwnModel.of(tmp_path, "../sales data", "/shop", "given")
    assert own.file() is None and own.folder.parent == tmp_path / "models"
    monkeypatch.setattr(own_models, "MOST_VERSIONS", 3)
    for text in ("one", "two", "three", "four"):
        own.keep(text)
    assert own.file().read_text() == "four" and len(own.versions()) == 3
    own.undo()
    assert own.file().read_text() == "three"
    own.forget()
    assert own.file() is None
    own.undo()


def test_edits_of_another_text_are_other_edits(tmp_path):
    OwnModel.of(tmp_path, "sales", "/shop", "given").keep("mine")
    assert OwnModel.of(tmp_path, "sales", "/shop", "given anew").file() is None
    assert OwnModel.of(tmp_path, "sales", "/elsewhere", "given").file() is None
    assert OwnModel.of(tmp_path, "sales", "/shop", "given").file() is not None


def test_a_folder_that_can_not_be_written_is_told(tmp_path):
    (tmp_path / "models").write_text("no folder")
    with pytest.raises(StoreError, match="not kept"):
        OwnModel.of(tmp_path, "sales", "/shop", "").keep("mine")


def opened(tmp_path, file, **more):
    settings = Settings(cache_dir=tmp_path / "cache", state_dir=tmp_path / "state", workers=0)
    return connect(file, settings=settings, **more)


def test_an_edit_holds_at_the_next_start_and_not_where_it_no_longer_fits(tmp_path):
    file = tmp_path / "parcels.csv"
    pl.DataFrame({"day": ["2025-01-01", "2025-01-02"], "weight": [2.5, 4.0]}).write_csv(file)
    first = opened(tmp_path, file)
    text = write_drafted(first.model).replace("name: weight\n", "name: weight\n      label: Heft\n", 1)
    first.own_model.keep(text)
    first.close()
    second = opened(tmp_path, file)
    assert second.model.datasets[0].field("weight").label == "Heft"
    second.close()
    pl.DataFrame({"day": ["2025-01-01"], "mass": [2.5]}).write_csv(file)
    third = opened(tmp_path, file)
    assert third.model.datasets[0].field("mass") is not None
    third.close()
