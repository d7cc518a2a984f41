"""Import Feast in a third of the time."""

from functools import cache
from typing import Any


@cache
def import_feast() -> None:
    """Import Feast before anything else does, without typeguard rewriting the classes of all its sources.

    Feast decorates them with `typeguard.typechecked`, which parses and recompiles each module: 5.2 of the 7.2 CPU
    seconds of `import feast` 0.67, in every task anew. What is lost is a check of argument types in a team's own
    definitions; Feast's validation on apply stays.
    """
    import typeguard

    instrument = typeguard.typechecked
    typeguard.typechecked = _unchanged
    try:
        import feast  # noqa: F401 - for what the import leaves behind
    finally:
        typeguard.typechecked = instrument


def _unchanged(target: Any = None, **_: Any) -> Any:
    return target if target is not None else _unchanged
