"""The ledger: entries in order, each chained to the one before, and one changed byte is found."""

from collections.abc import Iterable

import pytest

from maestro_ml.training.ledger import Ledger, LedgerBroken, LedgerBusy

FACTS = {"actor": "ana@desk", "why": "better", "evidence": "abc"}


class Files:
    """A shelf in memory."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}

    def names(self, suffix: str) -> list[str]:
        return sorted(name for name in self.contents if name.endswith(suffix))

    def read_all(self, names: Iterable[str]) -> dict[str, bytes]:
        return {name: self.contents[name] for name in names if name in self.contents}

    creates = True

    def create(self, name: str, content: bytes) -> bool:
        return self.contents.setdefault(name, content) == content


@pytest.fixture
def files() -> Files:
    """Three moves of `staging`."""
    files = Files()
    for version, before in (("1", None), ("2", "1"), ("3", "2")):
        Ledger(files).append("late", "staging", version, before, FACTS)
    return files


def test_entries_are_read_in_the_order_of_the_moves(files: Files) -> None:
    entries = Ledger(files).entries()
    assert [(each.number, each.version, each.before) for each in entries] == [
        (1, "1", None),
        (2, "2", "1"),
        (3, "3", "2"),
    ]
    assert entries[0].previous == ""
    assert Ledger(files).head().startswith("3:")
    assert Ledger(Files()).head() == ""


@pytest.mark.parametrize("number", [1, 2])
def test_any_changed_byte_before_the_last_entry_is_found(number: int, files: Files) -> None:
    name = f"{number:06d}.json"
    content = files.contents[name]
    for place in range(0, len(content), 7):
        files.contents[name] = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
        with pytest.raises(LedgerBroken):
            Ledger(files).entries()


def test_a_changed_byte_of_the_last_entry_changes_the_head_or_is_found(files: Files) -> None:
    head, content = Ledger(files).head(), files.contents["000003.json"]
    for place in range(0, len(content), 7):
        files.contents["000003.json"] = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
        try:
            assert Ledger(files).head() != head
        except LedgerBroken:
            continue


def test_a_missing_entry_is_found(files: Files) -> None:
    del files.contents["000002.json"]
    with pytest.raises(LedgerBroken, match="no entry 2"):
        Ledger(files).entries()


def test_nothing_is_written_behind_a_broken_entry(files: Files) -> None:
    files.contents["000001.json"] += b" "
    with pytest.raises(LedgerBroken):
        Ledger(files).append("late", "staging", "4", "3", FACTS)
    assert len(files.contents) == 3


class AtTheSameTime(Files):
    """A shelf on which another process appends an entry right before each entry is written."""

    def create(self, name: str, content: bytes) -> bool:
        other = Files()
        other.contents, other.creates = self.contents, self.creates
        if name not in other.contents:
            Ledger(other).append("late", "staging", "9", "3", FACTS)
        return super().create(name, content)


def test_of_two_processes_only_one_writes_an_entry(files: Files) -> None:
    shelf = AtTheSameTime()
    shelf.contents = files.contents
    with pytest.raises(LedgerBusy, match="another process wrote entry 4"):
        Ledger(shelf).append("late", "staging", "4", "3", FACTS)
    assert [entry.version for entry in Ledger(files).entries()] == ["1", "2", "3", "9"]


def test_where_a_store_cannot_keep_them_apart_two_entries_of_one_number_are_found(files: Files) -> None:
    shelf = AtTheSameTime()
    shelf.contents, shelf.creates = files.contents, False
    Ledger(shelf).append("late", "staging", "4", "3", FACTS)
    with pytest.raises(LedgerBroken, match="the ledger has two entries 4, written at the same time: 000004-"):
        Ledger(shelf).entries()
    files.contents.pop(sorted(files.contents)[-1])
    assert len(Ledger(files).entries()) == 4
