"""Aliases of a registered model in MLflow: every move goes through the ledger, and one that did not is found."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from maestro_ml.project.models import Registration
from maestro_ml.steps.models import ledger_of
from maestro_ml.training.ledger import DECISION_RECORD, Entry, Ledger, LedgerBroken, LedgerBusy
from maestro_ml.training.tracking import aliases as aliases_module
from maestro_ml.training.tracking import registry
from maestro_ml.training.tracking.aliases import HEAD, alias_problems, is_at, move_alias
from maestro_ml.training.tracking.client import mlflow_client
from maestro_ml.training.tracking.promotion import promote_version

ANA = {"actor": "ana@desk", "why": "better"}
Make = Callable[..., tuple[Registration, Ledger]]


@pytest.fixture
def client(tracking_uri: str) -> Iterator[MlflowClient]:
    """MLflow, without its own files."""
    with mlflow_client(tracking_uri) as found:
        yield found


@pytest.fixture
def make(client: MlflowClient, tmp_path: Path) -> Make:
    """make(tested until, ...) -> a model with a version for each of these days of January, and its ledger."""

    def run(*days: int | None) -> tuple[Registration, Ledger]:
        target = Registration(name=f"aliases-{uuid4().hex}", alias="candidate", champion="used")
        client.create_registered_model(target.name)
        for day in days:
            tags = {DECISION_RECORD: f"digest-{day}"}
            tags |= {"maestro.test_end": f"2024-01-{day:02}T00:00:00+00:00"} if day else {}
            client.create_model_version(target.name, f"file://{tmp_path}", tags=tags)
        return target, ledger_of(str(tmp_path), target.name)

    return run


def aliases(client: MlflowClient, target: Registration) -> dict[str, str]:
    return {alias: str(at) for alias, at in client.get_registered_model(target.name).aliases.items()}


def test_a_move_is_an_entry_an_alias_and_the_tags_that_confirm_it(client: MlflowClient, make: Make) -> None:
    target, ledger = make(1, 2)
    move_alias(client, ledger, target.name, "candidate", "1", ANA)
    assert is_at(client, target.name, "candidate", "1")
    move_alias(client, ledger, target.name, "candidate", "2", {"actor": "ben", "why": "later"})
    assert aliases(client, target) == {"candidate": "2"}
    found = [(e.alias, e.version, e.before, e.actor, e.why, e.evidence) for e in ledger.entries()]
    assert found == [
        ("candidate", "1", None, "ana@desk", "better", "digest-1"),
        ("candidate", "2", "1", "ben", "later", "digest-2"),
    ]
    assert client.get_registered_model(target.name).tags[HEAD] == ledger.head()
    assert client.get_model_version(target.name, "2").tags["maestro.alias.candidate"] == "ben: later"
    assert not is_at(client, target.name, "candidate", "1")
    assert alias_problems(client, ledger, target.name) == []


@pytest.mark.parametrize("times", [1, 5, 6])
def test_a_ledger_that_others_write_to_is_waited_for_longer_each_time_and_not_for_ever(
    client: MlflowClient, make: Make, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    target, ledger = make(1)
    waits, append, busy = [], ledger.append, iter(range(times))

    def append_when_free(*entry: Any) -> Entry:
        if next(busy, None) is not None:
            raise LedgerBusy("another process wrote first")
        return append(*entry)

    monkeypatch.setattr(ledger, "append", append_when_free)
    monkeypatch.setattr(aliases_module.time, "sleep", waits.append)
    if times == 6:
        with pytest.raises(LedgerBusy):
            move_alias(client, ledger, target.name, "candidate", "1", ANA)
    else:
        move_alias(client, ledger, target.name, "candidate", "1", ANA)
    assert aliases(client, target) == ({} if times == 6 else {"candidate": "1"})
    assert len(waits) == min(times, 5)
    assert all(0.05 * turn <= wait <= 0.3 * turn for turn, wait in enumerate(waits, 1))


def test_aliases_from_before_there_was_a_ledger_are_adopted(client: MlflowClient, make: Make) -> None:
    target, ledger = make(1, 2)
    for alias, version in (("candidate", "1"), ("used", "1"), ("best", "2")):
        client.set_registered_model_alias(target.name, alias, version)
    assert not is_at(client, target.name, "used", "1")  # no ledger confirms it
    move_alias(client, ledger, target.name, "candidate", "2", ANA)
    found = sorted((e.alias, e.version, e.before, e.actor) for e in ledger.entries())
    assert found == [
        ("best", "2", None, "unknown"),
        ("candidate", "2", "1", "ana@desk"),
        ("used", "1", None, "unknown"),
    ]
    assert alias_problems(client, ledger, target.name) == []


def test_what_the_ledger_does_not_account_for_is_said(client: MlflowClient, make: Make) -> None:
    target, ledger = make(1, 2)
    assert alias_problems(client, ledger, target.name) == alias_problems(client, ledger, "not-registered") == []
    move_alias(client, ledger, target.name, "candidate", "1", ANA)
    client.set_registered_model_alias(target.name, "best", "2")
    client.set_registered_model_alias(target.name, "candidate", "2")
    assert alias_problems(client, ledger, target.name) == [
        "'best' is at version 2, and no entry of the ledger moved it there",
        "'candidate' is at version 2, and the ledger's entry 1 moved it to version 1",
    ]
    client.delete_registered_model_alias(target.name, "best")
    client.delete_registered_model_alias(target.name, "candidate")
    gone = "'candidate' is gone, and the ledger's entry 1 moved it to version 1"
    assert alias_problems(client, ledger, target.name) == [gone]
    client.delete_registered_model_tag(target.name, HEAD)
    assert alias_problems(client, ledger, target.name) == []  # as after a first move that was interrupted
    client.set_registered_model_tag(target.name, HEAD, "1:another")
    changed = "entry 1 of the ledger is not as it was written"
    for confirmed, unconfirmed in (
        ("1:another", f"{changed}: the registry confirms another content of 000001.json"),
        ("2:another", "the ledger ends with entry 1, and the registry confirms an entry 2: its file is gone"),
        ("none", "the ledger ends with entry 1, and the registry's tag maestro.ledger confirms no entry"),
    ):
        client.set_registered_model_tag(target.name, HEAD, confirmed)
        assert alias_problems(client, ledger, target.name) == [unconfirmed, gone]
    for version in "12":
        ledger.append(target.name, "candidate", version, None, {**ANA, "evidence": ""})
    client.set_registered_model_tag(target.name, HEAD, f"1:{ledger.entries()[1].previous}")
    assert alias_problems(client, ledger, target.name)[0] == (
        "the registry confirms the ledger up to entry 1, and it goes on with 000002.json"
    )
    assert alias_problems(client, ledger, "not-registered") == [
        "the ledger has 3 entries, and not-registered is not registered"
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda text: text.replace(b"better", b"bettar"),
            "entry 2 of the ledger is not as it was written: the registry confirms another content of 000002.json",
        ),
        (None, "the ledger ends with entry 1, and the registry confirms an entry 2: its file is gone"),
    ],
)
def test_what_was_done_to_the_last_entry_is_in_the_next_one(
    change: Any, message: str, client: MlflowClient, make: Make, tmp_path: Path
) -> None:
    target, ledger = make(1, 2)
    for version in "12":
        move_alias(client, ledger, target.name, "candidate", version, ANA)
    [entry] = tmp_path.rglob("000002.json")
    content = entry.read_bytes()
    entry.unlink()
    if change:
        entry.write_bytes(change(content))
    assert message in alias_problems(client, ledger, target.name)
    move_alias(client, ledger, target.name, "candidate", "1", ANA)
    assert ledger.entries()[-1].why == f"better ({message})"
    assert alias_problems(client, ledger, target.name) == []


def test_an_earlier_entry_that_was_changed_stops_every_move(client: MlflowClient, make: Make, tmp_path: Path) -> None:
    target, ledger = make(1, 2)
    for version in "12":
        move_alias(client, ledger, target.name, "candidate", version, ANA)
    [entry] = tmp_path.rglob("000001.json")
    entry.write_bytes(entry.read_bytes().replace(b"better", b"bettar"))
    with pytest.raises(LedgerBroken, match="entry 1 of the ledger is not as it was written"):
        move_alias(client, ledger, target.name, "used", "1", ANA)
    assert aliases(client, target) == {"candidate": "2"}


def test_a_ledger_that_begins_anew_says_so(client: MlflowClient, make: Make, tmp_path: Path) -> None:
    target, ledger = make(1)
    move_alias(client, ledger, target.name, "candidate", "1", ANA)
    other = ledger_of(str(tmp_path / "other"), target.name)
    move_alias(client, other, target.name, "candidate", "1", ANA)
    [entry] = other.entries()
    assert entry.why == f"better (the ledger of {target.name} is gone; its last entry was number 1)"


def test_moves_at_the_same_time_are_confirmed_by_the_last_of_them(client: MlflowClient, make: Make) -> None:
    target, ledger = make(1, 2)
    move_alias(client, ledger, target.name, "candidate", "1", ANA)
    for version in "21":  # two processes that have not confirmed their entries yet
        ledger.append(target.name, "candidate", version, None, {**ANA, "evidence": ""})
    move_alias(client, ledger, target.name, "candidate", "2", ANA)
    assert [(entry.version, entry.why) for entry in ledger.entries()] == [(each, "better") for each in "1212"]
    assert alias_problems(client, ledger, target.name) == []


def test_a_ledger_that_is_gone_is_said(client: MlflowClient, make: Make, tmp_path: Path) -> None:
    target, ledger = make(1)
    for version in "11":
        move_alias(client, ledger, target.name, "candidate", version, ANA)
    emptied = ledger_of(str(tmp_path / "other"), target.name)
    assert alias_problems(client, emptied, target.name) == [
        f"the ledger of {target.name} is gone; its last entry was number 2"
    ]


def test_a_move_that_was_interrupted_is_no_problem_and_the_next_one_completes_it(
    client: MlflowClient, make: Make
) -> None:
    target, ledger = make(1, 2)
    move_alias(client, ledger, target.name, "candidate", "1", ANA)
    ledger.append(target.name, "candidate", "2", "1", {**ANA, "evidence": ""})  # and then the process was killed
    assert aliases(client, target) == {"candidate": "1"}
    assert alias_problems(client, ledger, target.name) == []
    move_alias(client, ledger, target.name, "used", "1", ANA)
    wrong = "'candidate' is at version 1, and the ledger's entry 2 moved it to version 2"
    assert alias_problems(client, ledger, target.name) == [wrong]
    move_alias(client, ledger, target.name, "candidate", "2", ANA)
    assert alias_problems(client, ledger, target.name) == []


@pytest.mark.parametrize("kept", [True, False])
def test_a_new_version_gets_the_alias_that_the_project_names(client: MlflowClient, make: Make, kept: bool) -> None:
    target, ledger = make(1, 2)
    for version in ("1", "2", "2"):
        registry._move(client, ledger if kept else None, target, version, "nothing had it")
    assert aliases(client, target) == {"candidate": "2"}
    entries = [(entry.alias, entry.version, entry.actor, entry.why) for entry in ledger.entries()]
    moves = [("candidate", version, "the step register", "nothing had it") for version in "12"]
    assert entries == (moves if kept else [])


def test_what_the_registry_refuses_is_not_taken_for_a_name_that_is_there(client: MlflowClient, make: Make) -> None:
    target, _ = make()
    registry._ensure_name(client, target.name)
    with pytest.raises(MlflowException, match="name"):
        registry._ensure_name(client, "")


def test_the_version_under_the_alias_becomes_the_one_in_use_and_does_so_once(client: MlflowClient, make: Make) -> None:
    target, ledger = make(1, 2)
    move_alias(client, ledger, target.name, "candidate", "1", ANA)
    done = promote_version(client, ledger, target, "1", ANA)
    assert (done.moved, done.reason, done.before) == (True, "better", None)
    again = promote_version(client, ledger, target, "1", ANA)
    assert (again.moved, again.reason, again.before) == (False, "version 1 is 'used' already", "1")
    assert [(entry.alias, entry.version) for entry in ledger.entries()] == [("candidate", "1"), ("used", "1")]
    move_alias(client, ledger, target.name, "candidate", "2", ANA)
    done = promote_version(client, ledger, target, "2", ANA)
    assert (done.moved, done.before) == (True, "1")
    assert aliases(client, target) == {"candidate": "2", "used": "2"}


def test_a_version_that_lost_the_alias_is_not_promoted(client: MlflowClient, make: Make) -> None:
    target, ledger = make(1, 2)
    nowhere = promote_version(client, ledger, target, "1", ANA)
    assert (nowhere.moved, nowhere.reason) == (False, "'candidate' is at no version, not at version 1")
    move_alias(client, ledger, target.name, "candidate", "2", ANA)
    lost = promote_version(client, ledger, target, "1", ANA)
    assert (lost.moved, lost.reason) == (False, "'candidate' is at version 2, not at version 1")
    assert aliases(client, target) == {"candidate": "2"}


@pytest.mark.parametrize(
    ("used", "new", "moved"), [(5, 4, False), (5, 5, True), (5, 6, True), (5, None, True), (None, 4, True)]
)
def test_only_a_version_tested_on_older_rows_stays_behind(
    client: MlflowClient, make: Make, used: int | None, new: int | None, moved: bool
) -> None:
    target, ledger = make(used, new)
    move_alias(client, ledger, target.name, "used", "1", ANA)
    move_alias(client, ledger, target.name, "candidate", "2", ANA)
    found = promote_version(client, ledger, target, "2", ANA)
    assert (found.moved, found.before, aliases(client, target)["used"]) == (moved, "1", "2" if moved else "1")
    if not moved:
        assert found.reason == (
            "'used' stays at version 1, whose test rows end 2024-01-05 00:00, later than those of version 2, "
            "2024-01-04 00:00"
        )


def test_a_champion_that_no_entry_confirms_is_promoted_again(client: MlflowClient, make: Make) -> None:
    target, ledger = make(1)
    move_alias(client, ledger, target.name, "candidate", "1", ANA)
    client.set_registered_model_alias(target.name, "used", "1")
    assert promote_version(client, ledger, target, "1", ANA).moved
    assert alias_problems(client, ledger, target.name) == []
