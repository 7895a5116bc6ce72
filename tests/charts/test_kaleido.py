"""In: answers. Out: their charts as pictures of the screen, in both forms, and a clear word where no browser is."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from xml.etree import ElementTree

import pytest

from bi_chat.charts.kaleido import KaleidoPictures
from bi_chat.errors import PictureError
from bi_chat.values.answer import AnswerValue
from bi_chat.wiring import Connection

BROWSER = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chrome"))), None)
drawing = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None, reason="no Chrome or Chromium here"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # the browser's pipes are left to the collector
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def pictures() -> Iterator[KaleidoPictures]:
    made = KaleidoPictures()
    yield made
    made.close()


def asked(tea: Connection, text: str) -> AnswerValue:
    return tea.session(today=datetime(2025, 10, 18)).ask(text).value


@pytest.fixture(scope="module")
def chinese(tea: Connection) -> AnswerValue:
    return asked(tea, "2024年每个国家的销售额")


class TestDrawn:
    pytestmark = drawing

    def test_a_vector_picture_keeps_its_words_as_text(self, pictures: KaleidoPictures, chinese: AnswerValue) -> None:
        made = pictures.picture(chinese.chart, chinese.result, form="svg", language="zh").decode("utf-8")
        root = ElementTree.fromstring(made)
        assert root.tag.endswith("svg") and "销售额" in "".join(root.itertext())
        assert "http:" not in made.replace("http://www.w3.org", "")

    def test_a_picture_of_points_is_as_wide_as_asked(self, pictures: KaleidoPictures, chinese: AnswerValue) -> None:
        from PIL import Image

        made = pictures.picture(chinese.chart, chinese.result, form="png", width=600, scale=2)
        image = Image.open(io.BytesIO(made)).convert("RGB")
        assert image.width == 1200 and len(image.getcolors(100_000) or ()) > 20
        assert image.getpixel((2, 2)) == (255, 255, 255)

    def test_threads_share_the_browser(self, pictures: KaleidoPictures, chinese: AnswerValue) -> None:
        with ThreadPoolExecutor(4) as pool:
            made = list(
                pool.map(lambda _: pictures.picture(chinese.chart, chinese.result, form="png", scale=1), range(4))
            )
        assert all(m.startswith(b"\x89PNG") for m in made)

    def test_after_a_close_it_draws_again(self, pictures: KaleidoPictures, chinese: AnswerValue) -> None:
        pictures.close()
        assert pictures.picture(chinese.chart, chinese.result, form="svg")


def test_without_a_browser_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, chinese: AnswerValue) -> None:
    monkeypatch.setenv("BROWSER_PATH", "nowhere/chrome")
    monkeypatch.setenv("PATH", "")
    pytest.importorskip("kaleido", reason="kaleido is missing")
    made = KaleidoPictures()
    with pytest.raises(PictureError, match="Install one"):
        made.picture(chinese.chart, chinese.result, form="svg")
    made.close()
