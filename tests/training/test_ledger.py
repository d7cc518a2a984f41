"""The ledger: entries in order, each chained to the one before, and one changed byte is found."""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from maestro_ml.training.ledger import DECISION_RECORD, Entry, Ledger, LedgerBroken, LedgerBusy

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
    """Provide three moves of `staging`."""
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


def test_an_entry_holds_what_was_moved_and_the_digest_of_the_file_before(files: Files) -> None:
    assert sorted(files.contents) == ["000001.json", "000002.json", "000003.json"]
    digests = ["", *(hashlib.sha256(files.contents[f"00000{number}.json"]).hexdigest() for number in (1, 2, 3))]
    for number, (version, before) in enumerate((("1", None), ("2", "1"), ("3", "2")), 1):
        found = json.loads(files.contents[f"00000{number}.json"])
        age = datetime.now(UTC) - datetime.fromisoformat(found.pop("time"))
        assert timedelta() <= age < timedelta(hours=1)
        expected = {"number": number, "name": "late", "alias": "staging", "version": version, "before": before}
        assert found == {**expected, **FACTS, "previous": digests[number - 1]}
    assert Ledger(files).head() == f"3:{digests[3]}"


WRITTEN = b"""{
  "number": 1,
  "time": "2024-01-31T12:00:00Z",
  "name": "late",
  "alias": "staging",
  "version": "7",
  "before": null,
  "actor": "ana@desk",
  "why": "better",
  "evidence": "",
  "previous": ""
}"""


def test_an_entry_reads_back_as_its_file_was_written_long_ago() -> None:
    shelf = Files()
    shelf.contents["000001.json"] = WRITTEN
    [entry] = Ledger(shelf).entries()
    assert (entry.version, entry.time) == ("7", datetime(2024, 1, 31, 12, tzinfo=UTC))
    Ledger(shelf).append("late", "staging", "8", "7", FACTS)
    assert json.loads(shelf.contents["000002.json"])["previous"] == hashlib.sha256(WRITTEN).hexdigest()
    shelf.contents["000001.json"] = WRITTEN.replace(b'"why"', b'"how": "", "why"')
    with pytest.raises(LedgerBroken, match="entry 1 of the ledger cannot be read"):
        Ledger(shelf).entries()


def test_what_was_written_is_returned() -> None:
    shelf = Files()
    written = Ledger(shelf).append("late", "staging", "1", None, FACTS)
    assert isinstance(written, Entry)
    assert Ledger(shelf).entries() == [written]
    again = Ledger(shelf).append("late", "champion", "1", None, FACTS)
    assert (again.number, again.alias) == (2, "champion")


def test_where_files_can_be_replaced_each_process_has_a_name_of_its_own() -> None:
    shelf = Files()
    shelf.creates = False
    Ledger(shelf).append("late", "staging", "1", None, FACTS)
    [(name, content)] = shelf.contents.items()
    assert name == f"000001-{hashlib.sha256(content).hexdigest()[:12]}.json"
    assert [entry.number for entry in Ledger(shelf).entries()] == [1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda files: files.pop("000001.json"), "the ledger has no entry 1; its next file is 000002.json"),
        (
            lambda files: files.update({"000002.json": b"{}"}),
            "entry 2 of the ledger cannot be read, or is not as it was written: 000002.json",
        ),
        (
            lambda files: files.update({"000001.json": files["000001.json"].replace(b"better", b"bettar")}),
            "entry 1 of the ledger is not as it was written, or entry 2 is not: 000001.json, 000002.json",
        ),
        (
            lambda files: files.update({"000003.json": files["000003.json"].replace(b'"number": 3', b'"number": 4')}),
            "entry 3 of the ledger cannot be read, or is not as it was written: 000003.json",
        ),
        (lambda files: files.update({"000002.json": files["000002.json"] + b"\n"}), "entry 2 of the ledger cannot"),
        (
            lambda files: files.update({"000005.json": files["000003.json"]}),
            "the ledger has no entry 4; its next",
        ),
    ],
)
def test_the_message_says_where_the_ledger_is_broken(change, message: str, files: Files) -> None:
    change(files.contents)
    with pytest.raises(LedgerBroken) as raised:
        Ledger(files).entries()
    assert str(raised.value).startswith(message)
    assert raised.value.exit_code == 1


def test_a_file_that_cannot_be_read_is_a_missing_entry(files: Files) -> None:
    files.read_all = lambda names: {name: files.contents[name] for name in names if name != "000002.json"}  # type: ignore[method-assign]
    with pytest.raises(LedgerBroken, match="entry 2 of the ledger cannot be read"):
        Ledger(files).entries()


def test_versions_that_were_registered_long_ago_have_their_records_digest_under_this_tag() -> None:
    assert DECISION_RECORD == "maestro.decision_record"
