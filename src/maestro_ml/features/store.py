"""Open a project's feature store, and register what its repo defines."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maestro_ml.features.configuration import repo_folder, store_settings
from maestro_ml.features.definitions import read_definitions
from maestro_ml.features.errors import explained, feast_call
from maestro_ml.features.quick_import import import_feast
from maestro_ml.project import Project, RequestError

if TYPE_CHECKING:
    from feast import FeatureStore, FeatureView
    from feast.repo_contents import RepoContents


@dataclass(frozen=True)
class OpenStore:
    """Feast's store and the repo it belongs to."""

    feast: "FeatureStore"
    repo: Path

    @cached_property
    def definitions(self) -> "RepoContents":
        """Raises RequestError if the repo's code is wrong."""
        return read_definitions(self.repo, self.feast.project)

    @property
    def provider(self) -> Any:
        """Feast's provider, which holds the offline and the online store."""
        return self.feast._get_provider()

    def apply(self) -> None:
        """Bring registry and online store to what the repo defines; nothing changes if they are there already.

        Not `feast apply`: that compares registry with repo only, and leaves a deleted online store deleted.

        Raises:
            RequestError: the definitions contradict each other.
            FeatureStoreError: registry or online store cannot be reached, or refuse.
        """
        from feast.errors import FeastError
        from feast.repo_operations import extract_objects_for_apply_delete

        definitions = self.definitions
        with feast_call(f"applying the feature repo to the {self.registry_type} registry"):
            registry = self.feast.registry
            apply, delete, _, _ = extract_objects_for_apply_delete(self.feast.project, registry, definitions)
            try:
                self.feast.apply(apply, objects_to_delete=delete, partial=False)
            except FeastError as error:  # its validation; a store's client has errors of its own
                raise RequestError(f"{self.repo}: {explained(error)}") from error

    def views(self, names: tuple[str, ...] = ()) -> "list[FeatureView]":
        """Return the registered feature views, or those named, that go to the online store.

        Raises:
            RequestError: there is no such view.
        """
        with feast_call(f"reading the {self.registry_type} registry"):
            known = {view.name: view for view in self.feast.list_feature_views() if view.online}
        if missing := [name for name in names if name not in known]:
            raise RequestError(
                f"features.views: no feature view {', '.join(missing)} for the online store; "
                f"there are: {', '.join(known) or 'none'}"
            )
        return [known[name] for name in names or sorted(known)]

    @property
    def is_exact(self) -> bool:
        """Whether the offline store is ours: every row answered, keys and times compared exactly."""
        from maestro_ml.features.offline_store import DuckDBOfflineStore

        return isinstance(self.provider.offline_store, DuckDBOfflineStore)

    @property
    def offline_type(self) -> str:
        """The type of the offline store."""
        return str(self.feast.config.offline_store.type)

    @property
    def registry_type(self) -> str:
        """The type of the registry."""
        return str(self.feast.config.registry.registry_type)

    @property
    def online_type(self) -> str:
        """The type of the online store."""
        return str(self.feast.config.online_store.type)


_ENGINE = "maestro_ml.features.engine.NewestRowsEngine"


def _with_engine(settings: dict[str, Any]) -> dict[str, Any]:
    """Replace Feast's in-process engine, if the settings use it, by ours."""
    engine = settings.get("batch_engine", "local")
    named = {"type": engine} if isinstance(engine, str) else dict(engine or {})
    return settings | ({"batch_engine": named | {"type": _ENGINE}} if named.get("type", "local") == "local" else {})


def open_store(project: Project, **settings: Any) -> OpenStore:
    """Open the project's feature store, without reading from or writing to it yet.

    Args:
        project: a project with features.
        settings: keys of feature_store.yaml that replace the project's.

    Raises:
        RequestError: feature_store.yaml or what overrides it is wrong.
    """
    import_feast()
    from feast import FeatureStore, RepoConfig
    from pydantic import ValidationError

    repo = repo_folder(project)
    try:
        config = RepoConfig(**_with_engine(store_settings(project) | settings))
        config.repo_path = repo
        # Feast validates these two when they are first used
        _ = config.offline_store, config.online_store
    except ValidationError as error:
        # without the values: a connection string may hold a password
        found = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
        raise RequestError(f"the feature store's configuration: {found}") from error
    except Exception as error:  # Feast raises errors of its own for names it does not know
        raise RequestError(f"the feature store's configuration: {explained(error)}") from error
    return OpenStore(FeatureStore(repo_path=str(repo), config=config), repo)
