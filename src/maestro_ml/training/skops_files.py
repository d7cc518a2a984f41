"""Files of skops that are equal byte for byte where the models are.

skops names what it stores by its address in memory, and dates it: two files of one model differ in both.
"""

import json
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_SCHEMA, _FIRST_DATE = "schema.json", (1980, 1, 1, 0, 0, 0)
# Attributes that hold an address in memory: vectorizers of scikit-learn remember by it which stop words they checked.
_ADDRESSES = {"_stop_words_id"}


def write_in_order(source: Path, file: Path) -> None:
    """Copy a file of skops with numbers in the order of their use as names, and without times."""
    with ZipFile(source) as stored, ZipFile(file, "w", ZIP_DEFLATED, compresslevel=1) as ordered:
        numbering = _Numbering({*stored.namelist()} - {_SCHEMA})
        schema = json.dumps(numbering.renamed(json.loads(stored.read(_SCHEMA))))
        for old, new in numbering.files.items():
            ordered.writestr(_entry(new), stored.read(old), compresslevel=1)
        ordered.writestr(_entry(_SCHEMA), schema, compresslevel=1)


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, _FIRST_DATE)
    entry.compress_type = ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


class _Numbering:
    """New names for the objects and files of a schema, in the order in which they are met.

    Attributes:
        files: new name by old name.
    """

    def __init__(self, names: set[str]) -> None:
        self.files: dict[str, str] = {}
        self._names = names
        self._objects: dict[int, int] = {}
        self._count = 0

    def renamed(self, state: Any) -> Any:
        """Return a part of the schema with new names."""
        if isinstance(state, list):
            return [self.renamed(each) for each in state]
        if not isinstance(state, dict):
            return state
        is_object = "__loader__" in state
        found: dict[str, Any] = {}
        for key, value in state.items():
            if is_object and key == "__id__":
                found[key] = self._number(value, state)
            elif key in _ADDRESSES and isinstance(value, dict) and value.get("__loader__") == "JsonNode":
                found[key] = self.renamed({**value, "content": "0"})
            elif is_object and key == "file" and value in self._names:
                found[key] = self.files.setdefault(value, f"{len(self.files)}{Path(value).suffix}")
            else:
                found[key] = self.renamed(value)
        return found

    def _number(self, identity: int, state: dict[str, Any]) -> int:
        """Return an object's number; plain values get one each, since only chance decides which of them are one."""
        self._count += 1
        if state["__loader__"] == "JsonNode":
            return self._count
        return self._objects.setdefault(identity, self._count)
