"""A tracking store in a SQLite file, created under another name and then renamed, so that it is never half made."""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

_SQLITE = "sqlite:///"
_LEFTOVERS = ("-journal", "-wal", "-shm")
# Rows that MLflow puts into a new store.
_OWN_ROWS = {"alembic_version": "true", "experiments": "experiment_id = 0", "workspaces": "name = 'default'"}


def file_of(uri: str) -> Path | None:
    """Return the store's file; None for a server or another database."""
    return Path(uri.removeprefix(_SQLITE)) if uri.startswith(_SQLITE) else None


@contextmanager
def one_at_a_time(uri: str) -> Iterator[None]:
    """Lock a local SQLite store for this process. A server is not locked; it has transactions."""
    database = file_of(uri)
    if database is None:
        yield
        return
    database.parent.mkdir(parents=True, exist_ok=True)
    with database.with_name(f"{database.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def ensure_whole(database: Path, artifacts: str) -> None:
    """Create the store if it is missing or half made: an interrupted first use leaves a file that MLflow refuses.

    Call it inside `one_at_a_time`.

    Args:
        database: the store's file.
        artifacts: where MLflow's default experiment keeps its artifacts.
    """
    if database.exists() and not is_half_made(database):
        return
    scratch = database.with_name(f".{database.name}.unfinished")
    _remove(scratch)
    try:
        _make(scratch, artifacts)
        # A journal of a file that was here before would be played into the new one.
        _remove_leftovers(database)
        scratch.replace(database)
    finally:
        _remove(scratch)


def is_half_made(database: Path) -> bool:
    """Return whether the creation of the store was interrupted, and it holds no data.

    MLflow creates its default experiment last, so a store without an experiment is unfinished.
    """
    if not database.stat().st_size:
        return True
    try:
        with closing(sqlite3.connect(database, timeout=0)) as connection:
            connection.execute("BEGIN EXCLUSIVE")  # also plays back what a killed process left in its journal
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            if "experiments" in tables and _count(connection, "experiments"):
                return False
            return not any(_count(connection, name, _OWN_ROWS.get(name, "false")) for name in tables)
    except sqlite3.Error:
        return False  # in use, or damaged: MLflow reports it


def _count(connection: sqlite3.Connection, table: str, own: str = "false") -> int:
    name = table.replace('"', '""')
    [(count,)] = connection.execute(f'SELECT count(*) FROM "{name}" WHERE NOT ({own})')  # noqa: S608 - quoted above
    return int(count)


def _make(file: Path, artifacts: str) -> None:
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    store = SqlAlchemyStore(f"{_SQLITE}{file}", artifacts)  # the model registry has its tables in the same file
    store.search_experiments(max_results=1)
    store.engine.dispose()


def _remove(file: Path) -> None:
    file.unlink(missing_ok=True)
    _remove_leftovers(file)


def _remove_leftovers(file: Path) -> None:
    for suffix in _LEFTOVERS:
        file.with_name(f"{file.name}{suffix}").unlink(missing_ok=True)
