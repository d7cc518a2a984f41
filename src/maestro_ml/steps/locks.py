"""Let one process at a time work in a folder: two would read and replace each other's files."""

import errno
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_UNSUPPORTED = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)


@contextmanager
def alone_in(folder: Path, name: str, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the lock `name` of a folder inside the block; then remove folders created for it that are empty.

    Args:
        waiting: called once if another process holds it.

    Raises:
        OSError: the folder cannot be created or written to. On a file system without locks, nothing is locked.
    """
    made = [place for place in (folder, *folder.parents) if not place.exists()]
    file = folder / name
    try:
        descriptor = _held(file, waiting)
        try:
            yield
        finally:
            with suppress(OSError):  # it is gone, or the folder is read-only by now
                file.unlink()
            os.close(descriptor)
    finally:
        for place in made:
            with suppress(OSError):  # it is no longer empty
                place.rmdir()


def _held(file: Path, waiting: Callable[[], None]) -> int:
    """Return a descriptor of the locked file; try again if the file was removed while waiting for the lock."""
    notified = False
    while True:
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except FileNotFoundError:  # the folder was empty, and removed by another
            continue
        try:
            _lock(descriptor, waiting if not notified else lambda: None)
            if _is_there(file, descriptor):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        notified = True
        os.close(descriptor)


def _lock(descriptor: int, waiting: Callable[[], None]) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        waiting()
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise


def _is_there(file: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(file.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
