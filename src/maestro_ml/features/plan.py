"""What applying the feature repo would change, as `feast plan` finds it."""

from collections.abc import Iterator
from typing import Any

from maestro_ml.features.errors import explained, feast_call
from maestro_ml.features.store import OpenStore, open_store
from maestro_ml.project import Project, RequestError

_WORDS = {"CREATE": "create", "DELETE": "delete", "UPDATE": "update"}
_OWN = "__dummy"


def planned_changes(project: Project) -> list[str]:
    """Return one line for each object of the registry that applying would change.

    Nothing is changed, but the registry is read, so it must be there or be possible to make. The tables of the online
    store follow from the views: Feast compares them with a record that only `feast apply` writes, and a step does not.

    Raises:
        RequestError: the repo is wrong.
        FeatureStoreError: the registry cannot be read.
    """
    return list(dict.fromkeys(_changes(open_store(project))))


def _changes(store: OpenStore) -> Iterator[str]:
    from feast.errors import FeastError

    definitions = store.definitions
    with feast_call(f"planning against the {store.registry_type} registry"):
        try:
            registry, _, _ = store.feast.plan(definitions)
        except FeastError as error:
            raise RequestError(f"{store.repo}: {explained(error)}") from error
    for change in registry.feast_object_diffs:
        yield from _line(change, change.feast_object_type.value)


def _line(change: Any, kind: str) -> Iterator[str]:
    word = _WORDS.get(change.transition_type.name)
    if word and not change.name.startswith(_OWN):
        properties = change.feast_object_property_diffs if word == "update" else ()
        names = ", ".join(dict.fromkeys(each.property_name for each in properties))
        yield f"{word} {kind} {change.name}" + (f" ({names})" if names else "")
