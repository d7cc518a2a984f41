"""What is wrong with a project, for a person."""

from dataclasses import dataclass


class MaestroError(Exception):
    """Base of the errors Maestro raises on purpose; `exit_code` is the command's."""

    exit_code = 3


class SystemFailed(MaestroError):
    """A library, a service or the operating system failed; the message says which, and at what."""


class UnknownError(MaestroError):
    """An exception nobody foresaw, in one line; the traceback is in a file that the line names."""


class RequestError(MaestroError):
    """The request or the project is wrong; nothing was done."""

    exit_code = 2


@dataclass(frozen=True)
class Problem:
    """One mistake in the project file: where (line from 1, key path), what was found, what would be right."""

    file: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        return (
            f"{self.file}:{self.line}: {self.key}: {self.message}"
            if self.key
            else f"{self.file}:{self.line}: {self.message}"
        )


class ProjectError(RequestError):
    """The project file cannot be used; carries every problem found."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems, key=lambda p: (p.file, p.line))
        super().__init__("\n".join(map(str, self.problems)))


class DataError(MaestroError):
    """A source cannot be read; the message names it and what to do."""


class WrongSource(DataError):
    """The project file's source is none, or no dataset can be made of it as it is."""

    exit_code = 2


class QueryError(MaestroError):
    """An engine refuses a query; the others go on."""


class NoEventTime(WrongSource):
    """The rows of a window cannot be found: there is no such column, or it holds no time."""
