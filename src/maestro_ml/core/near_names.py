"""What a misspelled name may have been meant to be."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the most similar known name; None if none is similar."""
    return next(iter(get_close_matches(name, list(known), n=1)), None)


def did_you_mean(name: str, known: Iterable[str], otherwise: str | None = None) -> str:
    """Return how a message about an unknown name ends: with the most similar name, or else with all there are.

    Args:
        otherwise: the end if no name is similar, in place of the list of names; nothing if it is empty.
    """
    names = list(known)
    near = nearest(name, names)
    if near is not None:
        return f"; did you mean '{near}'?"
    hint = f"there are: {', '.join(names) or 'none'}" if otherwise is None else otherwise
    return f"; {hint}" if hint else ""
