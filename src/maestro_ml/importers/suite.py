"""What another tool's file says of tables, in the words of maestro.yaml."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Check = dict[str, Any]


class NoCounterpart(Exception):
    """Something of another tool that maestro.yaml cannot say; the message is the reason."""


@dataclass(frozen=True)
class Mapped:
    """What one check of another tool becomes.

    Attributes:
        checks: as in `checks` of a dataset.
        columns: as in `columns`.
        settings: other keys of the dataset, such as `freshness`.
        note: where its meaning is not quite the same.
    """

    checks: tuple[Check, ...] = ()
    columns: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class Item:
    """A check of another tool by its name there, and what became of it: something, or the reason why not."""

    name: str
    outcome: Mapped | NoCounterpart


def attempted(translate: Callable[[], Mapped]) -> Mapped:
    """Return what `translate` returns.

    Raises:
        NoCounterpart: as `translate` does, or its arguments are not what they should be.
    """
    try:
        return translate()
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise NoCounterpart(f"its arguments cannot be read: {type(error).__name__}: {error}") from error


@dataclass
class Suite:
    """What a file says of one table."""

    table: str
    items: list[Item] = field(default_factory=list)

    def add(self, name: str, translate: Callable[[], Mapped]) -> None:
        """Add a check: what `translate` returns, or why it cannot."""
        try:
            self.items.append(Item(name, attempted(translate)))
        except NoCounterpart as error:
            self.items.append(Item(name, error))

    def lost(self) -> Iterator[tuple[str, str]]:
        """Yield the names of what has no counterpart, with the reason."""
        yield from ((item.name, str(item.outcome)) for item in self.items if isinstance(item.outcome, NoCounterpart))

    def notes(self) -> Iterator[tuple[str, str]]:
        """Yield the names of what means not quite the same, with the difference."""
        for item in self.items:
            if isinstance(item.outcome, Mapped) and item.outcome.note:
                yield item.name, item.outcome.note


def check(kind: str, **keys: Any) -> Check:
    """Return a check with those of its keys that have a value."""
    return {"check": kind, **{key: value for key, value in keys.items() if value is not None}}


def one(kind: str, note: str = "", **keys: Any) -> Mapped:
    """Return what becomes one check."""
    return Mapped((check(kind, **keys),), note=note)
