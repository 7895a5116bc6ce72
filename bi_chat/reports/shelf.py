"""In: files and folders of reports. Out: the reports in them as they are now, and the faults of those that have any."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from bi_chat.errors import ReportError
from bi_chat.reports.file import LoadedReport, load_report
from bi_chat.reports.report import Report

ENDINGS = (".yaml", ".yml")


@dataclass(slots=True)
class Shelf:
    """A file is read again when it changed. Two files may not bear one name: it is the report's in the ledger."""

    places: tuple[Path, ...]
    faults: dict[str, str] = field(default_factory=dict)
    _read: dict[Path, tuple[tuple[int, int], LoadedReport | str]] = field(default_factory=dict)

    def reports(self) -> dict[str, Report]:
        """By name; files with faults are left out and said in `faults`."""
        found: dict[str, Report] = {}
        self.faults = {}
        for file in self._files():
            loaded = self._loaded(file)
            if isinstance(loaded, str) or loaded.report is None:
                self.faults[file.stem] = loaded if isinstance(loaded, str) else _said(loaded)
            elif file.stem in found:
                self.faults[f"{file}"] = f"{file}: another report is called {file.stem} already. Rename one of them."
            else:
                found[file.stem] = loaded.report
        return found

    def _files(self) -> list[Path]:
        files = []
        for place in self.places:
            inside = sorted(p for e in ENDINGS for p in place.glob(f"*{e}")) if place.is_dir() else [place]
            files += inside
        return files

    def _loaded(self, file: Path) -> LoadedReport | str:
        try:
            stat = file.stat()
            stamp = (stat.st_mtime_ns, stat.st_size)
            known = self._read.get(file)
            if known is not None and known[0] == stamp:
                return known[1]
            made = load_report(file)
        except ReportError as error:
            return str(error)
        except OSError as error:
            return f"The report file {file} can't be read: {error.strerror}."
        self._read[file] = (stamp, made)
        return made


def _said(loaded: LoadedReport) -> str:
    return "\n".join(map(str, loaded.faults))
