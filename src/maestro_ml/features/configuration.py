"""Feast's configuration for a project: feature_store.yaml, with maestro.yaml's keys over it."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from maestro_ml.project import Project, RequestError
from maestro_ml.project.pipelines import Features

FILE_NAME = "feature_store.yaml"


def features_of(project: Project) -> Features:
    """Return the project's features section; raise RequestError if there is none."""
    if project.features is None:
        raise RequestError("the project has no features section in maestro.yaml")
    return project.features


def repo_folder(project: Project) -> Path:
    """Return the feature repo; raise RequestError if it has no feature_store.yaml."""
    folder = Path(project.locate(features_of(project).repo))
    if not (folder / FILE_NAME).is_file():
        raise RequestError(f"features.repo: no {FILE_NAME} in {folder}; `feast init` makes a feature repository")
    return folder


def store_settings(project: Project) -> dict[str, Any]:
    """Return the arguments of Feast's RepoConfig.

    Relative paths stay relative to the feature repo, as everywhere in Feast. A key of an override that is the name of a
    type holds keys for that type only: `{type: redis, sqlite: {path: ...}, redis: {connection_string: ...}}`.

    Raises:
        RequestError: feature_store.yaml is not there or not valid.
    """
    features = features_of(project)
    file = repo_folder(project) / FILE_NAME
    try:
        settings = yaml.safe_load(os.path.expandvars(file.read_text(encoding="utf-8")))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise RequestError(f"{file}: not valid YAML: {' '.join(str(error).split())}") from error
    if not isinstance(settings, dict) or "project" not in settings:
        raise RequestError(f"{file}: expected a mapping with the key project")
    registry = settings.get("registry")
    base = {"path": registry} if isinstance(registry, str) else registry
    settings["registry"] = _overridden(base, features.registry, "registry_type")
    settings["online_store"] = _overridden(settings.get("online_store"), features.online_store, "type")
    settings["offline_store"] = _overridden(settings.get("offline_store"), features.offline_store, "type")
    return {key: value for key, value in settings.items() if value != {}}


def _overridden(base: Any, override: Mapping[str, Any], type_key: str) -> dict[str, Any]:
    named = {type_key: base} if isinstance(base, str) else dict(base or {})
    kind = override.get(type_key, named.get(type_key))
    if kind != named.get(type_key, kind):
        named = {}  # the keys of another type of store
    common = {key: value for key, value in override.items() if not (isinstance(value, Mapping) and key in _TYPES)}
    return named | common | dict(override.get(str(kind), {}))


_TYPES = ("file", "sql", "sqlite", "redis", "postgres", "dynamodb", "snowflake.online", "dask", "duckdb", "spark")
