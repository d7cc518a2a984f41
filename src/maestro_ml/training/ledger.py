"""The ledger of a registered model: every move of an alias, append-only, each entry chained to the one before."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from maestro_ml.core.errors import MaestroError

DECISION_RECORD = "maestro.decision_record"  # the tag of versions with the digest of their decision record
_SUFFIX, _DIGITS = ".json", 6


class LedgerBroken(MaestroError):
    """The ledger is not as it was written; the message says where."""

    exit_code = 1


class LedgerBusy(MaestroError):
    """Another process wrote an entry at the same time; nothing was written."""


class Entry(BaseModel):
    """One move of an alias.

    Attributes:
        number: from 1.
        before: the version that had the alias; None if nothing had it.
        actor: who or what moved it.
        evidence: the SHA-256 of the decision record of the version; empty if it has none.
        previous: the SHA-256 of the entry before, as its file has it; empty for the first.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    number: int
    time: datetime
    name: str
    alias: str
    version: str
    before: str | None
    actor: str
    why: str
    evidence: str
    previous: str


class Shelf(Protocol):
    """A folder in which a file is there whole, or not at all."""

    def names(self, suffix: str) -> list[str]:
        """Return the sorted names of the files with a suffix."""

    def read_all(self, names: Iterable[str]) -> dict[str, bytes]:
        """Return the contents of the files that can be read."""

    @property
    def creates(self) -> bool:
        """Whether of two processes that create one file at once only one does."""

    def create(self, name: str, content: bytes) -> bool:
        """Write a file if there is none of this name, and return whether the file there has this content."""


class Ledger:
    """The entries of one registered model on a shelf, a file each."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def entries(self) -> list[Entry]:
        """Return all entries, the oldest first.

        Raises:
            LedgerBroken: an entry is missing, or one byte of one is not as it was written.
        """
        return [entry for entry, _ in self._read()]

    def head(self) -> str:
        """Return the number and the digest of the last entry, `3:<SHA-256>`; empty without entries."""
        read = self._read()
        return f"{read[-1][0].number}:{read[-1][1]}" if read else ""

    def file_of(self, number: int) -> str:
        """Return the name of an entry's file."""
        return self._shelf.names(_SUFFIX)[number - 1]

    def append(self, name: str, alias: str, version: str, before: str | None, facts: Mapping[str, str]) -> Entry:
        """Write an entry about a move.

        Args:
            facts: `actor`, `why` and `evidence`.

        Raises:
            LedgerBroken: the ledger is not as it was written.
            LedgerBusy: another process wrote this entry first.
        """
        read = self._read()
        entry = Entry(
            number=len(read) + 1,
            time=datetime.now(UTC),
            name=name,
            alias=alias,
            version=version,
            before=before,
            previous=read[-1][1] if read else "",
            **facts,
        )
        content = _content(entry)
        # Where a file can be replaced by another process, each has a name of its own, so that both are seen.
        own = "" if self._shelf.creates else f"-{hashlib.sha256(content).hexdigest()[:12]}"
        if not self._shelf.create(f"{_stem(entry.number)}{own}{_SUFFIX}", content):
            raise LedgerBusy(f"another process wrote entry {entry.number} of the ledger of {name} first; try again")
        return entry

    def _read(self) -> list[tuple[Entry, str]]:
        names = self._shelf.names(_SUFFIX)
        contents = self._shelf.read_all(names)
        found: list[tuple[Entry, str]] = []
        for place, name in enumerate(names[1:]):
            if name.startswith(names[place][:_DIGITS]):
                raise LedgerBroken(
                    f"the ledger has two entries {int(name[:_DIGITS])}, written at the same time: {names[place]} and "
                    f"{name}; remove the one whose move did not happen"
                )
        for number, name in enumerate(names, 1):
            content, previous = contents.get(name, b""), found[-1][1] if found else ""
            entry = _parsed(content)
            if not name.startswith(_stem(number)):
                raise LedgerBroken(f"the ledger has no entry {number}; its next file is {name}")
            if entry is None or entry.number != number:
                raise LedgerBroken(f"entry {number} of the ledger cannot be read, or is not as it was written: {name}")
            if entry.previous != previous:
                raise LedgerBroken(
                    f"entry {number - 1} of the ledger is not as it was written, or entry {number} is not: "
                    f"{names[number - 2] if number > 1 else 'before the first there is none'}, {name}"
                )
            found.append((entry, hashlib.sha256(content).hexdigest()))
        return found


def _parsed(content: bytes) -> Entry | None:
    try:
        entry = Entry.model_validate_json(content)
    except ValidationError:
        return None
    return entry if _content(entry) == content else None


def _content(entry: Entry) -> bytes:
    return entry.model_dump_json(indent=2).encode()


def _stem(number: int) -> str:
    return f"{number:0{_DIGITS}d}"
