"""What the feature repo defines of a feature service, as plain data that a later run can be compared with."""

import hashlib
from typing import Any

from maestro_ml.features.source_rows import storage_options, uri_of
from maestro_ml.project import Project
from maestro_ml.tables.file_digests import FileDigest, file_digests

# Times of registration, and the bytes of a function whose text stands beside them.
_VOLATILE = frozenset({"meta", "createdTimestamp", "lastUpdatedTimestamp", "version", "versionTag"})


def definition_of(feast_object: Any) -> dict[str, Any]:
    """Return the definition of a feature view or service: entities, features, ttl, source, code."""
    from google.protobuf.json_format import MessageToDict

    found: dict[str, Any] = _settled(MessageToDict(feast_object.to_proto().spec))
    return found


def view_files(project: Project, config: Any, view: Any) -> list[FileDigest]:
    """Return the files of a view's source; none where it is no file.

    Raises:
        DataError: they cannot be reached.
    """
    from feast.infra.offline_stores.file_source import FileSource

    source = view.batch_source
    if not isinstance(source, FileSource):
        return []
    uri = uri_of(config, source)
    root = f"{project.root.resolve()}/"
    return file_digests(uri, uri.removeprefix(root), storage_options=storage_options(source))


def _settled(value: Any) -> Any:
    if isinstance(value, list):
        return [_settled(each) for each in value]
    if not isinstance(value, dict):
        return value
    kept = {key: _settled(each) for key, each in value.items() if key not in _VOLATILE}
    if "bodyText" in kept:
        kept.pop("body", None)
    elif "body" in kept:
        kept["body"] = hashlib.sha256(str(kept["body"]).encode()).hexdigest()
    return kept
