"""The keys of feature views."""

from collections.abc import Iterable


def real_keys(keys: Iterable[str]) -> tuple[str, ...]:
    """Leave out the key that Feast makes up for a view without entities: no table has it."""
    from feast.feature_view import DUMMY_ENTITY_ID

    return tuple(key for key in keys if key != DUMMY_ENTITY_ID)
