"""YAML to plain data, with the line of every key and `${env:...}` filled in."""

import os
import re
from collections.abc import Hashable, Mapping
from typing import Any

import yaml

from maestro_ml.project.errors import Problem, ProjectError

Path = tuple[str | int, ...]
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml, where PyYAML was built with it
_MERGE = "tag:yaml.org,2002:merge"
_ENV = re.compile(r"\$\{env:([A-Za-z_][A-Za-z0-9_]*)(?::([^}]*))?\}")


class Document:
    """The data of a YAML file (`data`) and where each key path stands (`lines`, from 1)."""

    def __init__(self, file: str, text: str, environ: Mapping[str, str] = os.environ) -> None:
        self.file = file
        self.lines: dict[Path, int] = {(): 1}
        self.problems: list[Problem] = []
        self._environ = environ
        self._merged: dict[int, int] = {}  # mapping node -> how many of its pairs a merge key brought
        loader = None
        try:
            loader = _Loader(text)
            node = loader.get_single_node()
            self.data = {} if node is None else self._build(loader, node, ())
        except yaml.reader.ReaderError as error:
            line = text.encode()[: error.position].count(b"\n") + 1
            raise ProjectError([Problem(file, line, "", f"not a text file: {error.reason}")]) from error
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            lines = text.splitlines()
            line = min(mark.line + 1, len(lines)) if mark else 1  # a mark can stand behind the last line
            message = f"not valid YAML: {error.problem or error.context}"
            if "${env:" in lines[line - 1]:
                message += "; between { and }, quote a text that holds ${env:...}"
            raise ProjectError([Problem(file, line, "", message)]) from error
        finally:
            if loader:
                loader.dispose()
        if node is not None and not isinstance(self.data, dict):
            self.report((), "expected a mapping at the top level")

    def report(self, path: Path, message: str) -> None:
        """Note a problem at a key path; the nearest known ancestor gives the line."""
        known = path
        while known not in self.lines:
            known = known[:-1]
        self.problems.append(Problem(self.file, self.lines[known], ".".join(map(str, path)), message))

    def _build(self, loader: yaml.SafeLoader, node: yaml.Node, path: Path) -> Any:
        if isinstance(node, yaml.MappingNode):
            own = sum(key.tag != _MERGE for key, _ in node.value)
            loader.flatten_mapping(node)
            # An anchor's node comes here once for each use, and only the first time with its merge keys.
            self._merged.setdefault(id(node), len(node.value) - own)
            return self._mapping(loader, node, path)
        if isinstance(node, yaml.SequenceNode):
            for index, item in enumerate(node.value):
                self.lines[(*path, index)] = item.start_mark.line + 1
            return [self._build(loader, item, (*path, index)) for index, item in enumerate(node.value)]
        value = loader.construct_object(node)
        return self._filled(value, path) if isinstance(value, str) else value

    def _mapping(self, loader: yaml.SafeLoader, node: yaml.MappingNode, path: Path) -> dict[Any, Any]:
        data: dict[Any, Any] = {}
        own: set[str] = set()
        merged = self._merged[id(node)]
        for index, (key_node, value_node) in enumerate(node.value):
            key = loader.construct_object(key_node)
            here = (*path, key)
            if not isinstance(key, Hashable) or not isinstance(key, str):
                self.report(path, f"keys are text, found {key!r} (quote it)")
                continue
            first = self.lines.get(here)
            self.lines[here] = key_node.start_mark.line + 1
            # What `<<` brought may be overridden.
            if key in own:
                self.report(here, f"the key stands twice; first in line {first}")
            if index >= merged:
                own.add(key)
            data[key] = self._build(loader, value_node, here)
        return data

    def _filled(self, text: str, path: Path) -> str:
        def value(match: re.Match[str]) -> str:
            name, default = match.groups()
            if name in self._environ:
                return self._environ[name]
            if default is None:
                self.report(
                    path, f"the environment variable {name} is not set; set it, or write ${{env:{name}:default}}"
                )
            return default or ""

        return _ENV.sub(value, text)
