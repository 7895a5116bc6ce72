"""The sample data sets are found in a clone, with their own day of asking."""

from __future__ import annotations

from datetime import datetime

import pytest

from bi_chat.errors import SettingsError
from bi_chat.frontends.open_data import day_of
from bi_chat.frontends.sample_data import FOLDER, sample_named, sample_of, sample_sets

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the sample data lie only in a clone")


def test_teahouse_comes_first():
    assert sample_sets()[0].name == "teahouse"


def test_each_has_its_day_and_questions_in_two_languages():
    for sample in sample_sets():
        assert isinstance(sample.asked_on, datetime)
        assert {q.language for q in sample.questions} == {"en", "zh"}


def test_a_name_or_its_folder_mean_the_same():
    assert (
        sample_of("teahouse")
        == sample_of(FOLDER / "teahouse")
        == sample_of([FOLDER / "teahouse"])
        == sample_named("teahouse")
    )


def test_other_paths_and_frames_are_no_sample(tmp_path):
    assert sample_of(tmp_path) is None
    assert sample_of({"teahouse": object()}) is None


@pytest.mark.parametrize("text", ["yesterday", "2025-13-01", ""])
def test_a_day_that_is_none_is_explained(text):
    with pytest.raises(SettingsError, match="2025-10-18"):
        day_of(text)
