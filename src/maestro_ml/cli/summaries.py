"""The summaries of a validation for CI: JUnit XML and Markdown, written complete or not at all."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from maestro_ml.cli.request import Request
from maestro_ml.core.errors import SystemFailed
from maestro_ml.core.library_errors import reason_of
from maestro_ml.project import RequestError
from maestro_ml.steps.validate import JSON
from maestro_ml.validation import Report
from maestro_ml.validation.report.junit import render_junit
from maestro_ml.validation.report.markdown import render_markdown


@dataclass(frozen=True)
class Summaries:
    """The summary files to write.

    Raises:
        RequestError: a name that is a folder's or in no folder, or the same file for both.
    """

    junit: Path | None
    markdown: Path | None

    def __post_init__(self) -> None:
        for path in (self.junit, self.markdown):
            if path and path.is_dir():
                raise RequestError(f"{path} is a folder; name a file in it")
            if path and not path.parent.is_dir():
                raise RequestError(f"{path} cannot be written: there is no folder {path.parent}")
        if self.junit and self.markdown and self.junit.resolve() == self.markdown.resolve():
            raise RequestError(f"--junit and --markdown are both {self.junit}; name two files")

    def write(self, done: Mapping[str, Request]) -> None:
        """Write them from the reports that the runs left in the store, by dataset."""
        if not (self.junit or self.markdown):
            return
        reports = [request.folder("validate", name).read_model(JSON, Report) for name, request in done.items()]
        if self.junit:
            _write_whole(self.junit, render_junit(*reports))
        if self.markdown:
            self.write_text("\n".join(map(render_markdown, reports)))

    def write_text(self, text: str) -> None:
        """Write a text as the Markdown summary."""
        assert self.markdown is not None
        _write_whole(self.markdown, text)


def _write_whole(path: Path, text: str) -> None:
    try:
        with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=path.parent) as scratch:
            local = Path(scratch) / path.name
            local.write_text(text, encoding="utf-8")
            local.replace(path)
    except OSError as error:
        raise SystemFailed(f"{path} cannot be written: {reason_of(error)}") from error
