"""In: a chart and its result. Out: its still picture, as SVG or PNG, drawn by the very code that draws the screen.

A browser without a window draws it, one for all charts of a process; nothing is fetched from the network.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import TYPE_CHECKING, Literal, TypeVar

from bi_chat.charts.draw import draw
from bi_chat.charts.theme import FONT
from bi_chat.errors import PictureError
from bi_chat.values.chart import Chart
from bi_chat.values.result import Result

if TYPE_CHECKING:
    from kaleido import Kaleido

SECONDS = 60.0  # for one picture, with the start of the browser
NO_PICTURE = ("table", "number")  # the rows or the headline say it better
_MISSING = (
    "Pictures of charts are drawn by Chrome or Chromium, which was not found. Install one, or name it in BROWSER_PATH."
)
_T = TypeVar("_T")


class KaleidoPictures:
    """A `Pictures` (see ports) for many threads. The browser starts with the first picture, and again after a crash."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._browser: Kaleido | None = None

    def picture(
        self,
        chart: Chart,
        result: Result,
        *,
        form: Literal["svg", "png"],
        language: str = "en",
        width: int = 760,
        scale: float = 2.0,
    ) -> bytes:
        """`width` in pixels, the height is the chart's own. Raises PictureError."""
        figure = draw(chart, result, language=language)
        figure.update_layout(paper_bgcolor="white", plot_bgcolor="white", font_family=FONT, width=width)
        height = int(figure.layout.height or 420)
        size: dict[str, object] = {
            "format": form,
            "width": width,
            "height": height,
            "scale": 1.0 if form == "svg" else scale,
        }
        with self._lock:
            try:
                return self._wait(self._drawn(figure.to_dict(), size))
            except PictureError:
                raise
            except Exception as error:  # the browser may fail in any of its own ways
                self._stop()
                raise PictureError("The browser that draws charts failed. Try again.") from error

    def close(self) -> None:
        """Ends the browser; the next picture starts another."""
        with self._lock:
            self._stop()

    async def _drawn(self, figure: dict[str, object], size: dict[str, object]) -> bytes:
        if self._browser is None:
            self._browser = await _opened()
        made: bytes = await self._browser.calc_fig(figure, opts=size)
        return made

    def _wait(self, what: Coroutine[object, object, _T]) -> _T:
        """A coroutine's value, run in a thread of its own: the caller may be inside a loop already."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=_run, args=(self._loop,), name="pictures", daemon=True)
            self._thread.start()
        made: Future[_T] = asyncio.run_coroutine_threadsafe(what, self._loop)
        try:
            return made.result(SECONDS)
        except TimeoutError:
            made.cancel()
            raise

    def _stop(self) -> None:
        browser, loop, self._browser, self._loop = self._browser, self._loop, None, None
        if loop is None:
            return
        if browser is not None:
            with contextlib.suppress(Exception):  # it may have crashed: then there is nothing to close
                asyncio.run_coroutine_threadsafe(browser.close(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        if self._thread is not None:
            self._thread.join(10)


def _run(loop: asyncio.AbstractEventLoop) -> None:
    """Until it is stopped; then nothing of it is left."""
    loop.run_forever()
    if left := asyncio.all_tasks(loop):
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.wait(left, timeout=5))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


async def _opened() -> Kaleido:
    try:
        from choreographer.errors import ChromeNotFoundError
        from kaleido import Kaleido
    except ImportError:
        raise PictureError('Pictures of charts need kaleido: pip install "bi_chat[report]".') from None
    try:
        browser = Kaleido(mathjax=False, timeout=SECONDS)
    except ChromeNotFoundError:
        raise PictureError(_MISSING) from None
    await browser.open()
    return browser
