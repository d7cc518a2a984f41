"""Move aliases, through the ledger; and find moves that did not go through it."""

import random
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from maestro_ml.training.ledger import DECISION_RECORD, Ledger, LedgerBroken, LedgerBusy

if TYPE_CHECKING:
    from mlflow import MlflowClient

HEAD = "maestro.ledger"  # a tag of the registered model: number and digest of the ledger's last entry
_TRIES = 6


def move_alias(
    client: "MlflowClient", ledger: Ledger, name: str, alias: str, version: str, facts: Mapping[str, str]
) -> None:
    """Move an alias to a version: first the entry, then the alias, then the tags that confirm the entry.

    A move that was interrupted is completed by the next one. Of moves at the same time, the last entry decides. Where
    the registry confirms another ledger than this one, the new entry says so, since the tag then confirms this one.

    Args:
        facts: `actor` and `why`.

    Raises:
        LedgerBroken: the ledger is not as it was written; nothing was moved.
        LedgerBusy: other processes wrote to it all the time; nothing was moved.
    """
    for tries in range(_TRIES):
        try:
            _write_entry(client, ledger, name, alias, version, facts)
            break
        except LedgerBusy:
            if tries == _TRIES - 1:
                raise
            time.sleep(random.uniform(0.05, 0.3) * (tries + 1))  # noqa: S311 - no secret
    placed = None
    while placed != (last := _last_version(ledger, alias)):
        client.set_registered_model_alias(name, alias, last)
        placed = last
    client.set_registered_model_tag(name, HEAD, ledger.head())
    client.set_model_version_tag(name, version, f"maestro.alias.{alias}", f"{facts['actor']}: {facts['why']}"[:5000])


def _last_version(ledger: Ledger, alias: str) -> str:
    return next(entry.version for entry in reversed(ledger.entries()) if entry.alias == alias)


def _write_entry(
    client: "MlflowClient", ledger: Ledger, name: str, alias: str, version: str, facts: Mapping[str, str]
) -> None:
    registered = client.get_registered_model(name)
    before = registered.aliases.get(alias)
    tags = client.get_model_version(name, version).tags
    confirmed = registered.tags.get(HEAD, "")
    if (other := _other_end(ledger, name, confirmed)) and not _goes_on(ledger, confirmed):
        facts = {**facts, "why": f"{facts['why']} ({other})"}
    if not ledger.head():  # a registry from before there was a ledger
        for known, number in registered.aliases.items():
            if known != alias:
                adopted = {"actor": "unknown", "why": "found when the ledger was begun", "evidence": ""}
                ledger.append(name, known, str(number), None, adopted)
    ledger.append(
        name,
        alias,
        version,
        None if before is None else str(before),
        {**facts, "evidence": tags.get(DECISION_RECORD, "")},
    )


def is_at(client: "MlflowClient", name: str, alias: str, version: str) -> bool:
    """Return whether an alias is at a version, and the registry confirms the ledger's last entry."""
    registered = client.get_registered_model(name)
    return str(registered.aliases.get(alias)) == version and HEAD in registered.tags


def alias_problems(client: "MlflowClient", ledger: Ledger, name: str) -> list[str]:
    """Return a sentence for everything in the registry that the ledger does not account for."""
    from mlflow.exceptions import MlflowException

    try:
        entries = ledger.entries()
    except LedgerBroken as error:
        return [str(error)]
    try:
        registered = client.get_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        return [f"the ledger has {len(entries)} entries, and {name} is not registered"] if entries else []
    confirmed = registered.tags.get(HEAD, "")
    other = _other_end(ledger, name, confirmed)
    if not entries:
        return [other] if other else []
    last = {entry.alias: entry for entry in entries}
    unconfirmed = entries[-1] if confirmed == _head_before(ledger, len(entries)) else None
    found = []
    if other and unconfirmed is None:
        found.append(other)
    for alias in sorted({*last, *registered.aliases}):
        now, entry = registered.aliases.get(alias), last.get(alias)
        if unconfirmed is not None and entry is unconfirmed:
            continue  # a move that was interrupted
        if entry is None:
            found.append(f"'{alias}' is at version {now}, and no entry of the ledger moved it there")
        elif str(now) != entry.version:
            place = "is gone" if now is None else f"is at version {now}"
            moved = f"the ledger's entry {entry.number} moved it to version {entry.version}"
            found.append(f"'{alias}' {place}, and {moved}")
    return found


def _other_end(ledger: Ledger, name: str, confirmed: str) -> str:
    """Say how the ledger's last entry differs from the one that the registry confirms; nothing if it does not."""
    entries, head = ledger.entries(), ledger.head()
    count, number = len(entries), confirmed.partition(":")[0]
    if confirmed == head:
        return ""
    if not entries:
        return f"the ledger of {name} is gone; its last entry was number {number}"
    if not number.isdecimal() or number == "0":
        return f"the ledger ends with entry {count}, and the registry's tag {HEAD} confirms no entry"
    if int(number) > count:
        return f"the ledger ends with entry {count}, and the registry confirms an entry {number}: its file is gone"
    if not _goes_on(ledger, confirmed):
        file = ledger.file_of(int(number))
        return f"entry {number} of the ledger is not as it was written: the registry confirms another content of {file}"
    unknown = ledger.file_of(int(number) + 1)
    return f"the registry confirms the ledger up to entry {number}, and it goes on with {unknown}"


def _goes_on(ledger: Ledger, confirmed: str) -> bool:
    """Return whether entries follow the confirmed one: of moves that were interrupted, or go on at this time."""
    confirmable = ["", *(f"{entry.number - 1}:{entry.previous}" for entry in ledger.entries()[1:])]
    return confirmed in confirmable and bool(ledger.head())


def _head_before(ledger: Ledger, count: int) -> str:
    """Return what confirmed the entry before the last one."""
    last = ledger.entries()[-1]
    return f"{count - 1}:{last.previous}" if count > 1 else ""
