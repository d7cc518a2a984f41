"""YAML to plain data, with the line of every key and `${env:...}` filled in."""

import os
import re
from collections.abc import Mapping
from typing import Any

import yaml

from maestro_ml.core.errors import Problem, ProjectError
from maestro_ml.core.node import Path

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml, where PyYAML was built with it
_MERGE = "tag:yaml.org,2002:merge"
_ENV = re.compile(r"\$\{env:([A-Za-z_][A-Za-z0-9_]*)(?::([^}]*))?\}")
_SHOWN = 40  # characters of a value in a message
_DEEPEST = 64
_MOST_NODES = 200_000  # with every use of an anchor: few aliases of aliases can stand for billions


class Document:
    """The data of a YAML file (`data`) and where each key path stands (`lines`, from 1)."""

    def __init__(self, file: str, text: str, environ: Mapping[str, str] = os.environ) -> None:
        self.file = file
        self.lines: dict[Path, int] = {(): 1}
        self.problems: list[Problem] = []
        self.wrong: set[Path] = set()  # the paths of the problems
        self.variables: set[str] = set()  # those of the environment that the file names
        self._defaults: dict[Path, str] = {}  # key paths that a variable filled in
        self._environ = environ
        self._merged: dict[int, int] = {}  # mapping node -> how many of its pairs a merge key brought
        self._open: set[int] = set()  # nodes that are being built
        self._nodes = 0
        loader = None
        try:
            self._check_depth(text)
            loader = _Loader(text)
            node = loader.get_single_node()
            self.data = {} if node is None else self._build(loader, node, ())
        except yaml.reader.ReaderError as error:
            line = text.encode(errors="replace")[: error.position].count(b"\n") + 1
            raise ProjectError([Problem(file, line, "", f"not a text file: {error.reason}")]) from error
        except yaml.MarkedYAMLError as error:
            raise ProjectError([self._invalid(error, text)]) from error
        except RecursionError as error:  # a mapping merged into itself
            raise ProjectError([Problem(file, 1, "", "not valid YAML: an anchor contains itself")]) from error
        finally:
            if loader:
                loader.dispose()
        if node is not None and not isinstance(self.data, dict):
            self.report((), "expected a mapping at the top level")

    def report(self, path: Path, message: str) -> None:
        """Record a problem at a key path; the nearest known ancestor gives the line."""
        known = path
        while known not in self.lines:
            known = known[:-1]
        self.wrong.add(path)
        if path in self._defaults:
            message += f" (it comes from the environment variable {self._defaults[path]})"
        problem = Problem(self.file, self.lines[known], ".".join(map(str, path)), message)
        if problem not in self.problems:
            self.problems.append(problem)

    def fill_in(self, path: Path, value: str, variable: str) -> None:
        """Set what the file leaves open; a problem of it names the environment variable it comes from."""
        here = self.data
        for key in path[:-1]:
            if here.get(key) is None:
                here[key] = {}
            here = here[key]
        here[path[-1]] = value
        self._defaults[path] = variable

    def rename(self, old: Path, new: Path) -> None:
        """Let what stands under one key have its lines under another, too."""
        self.lines |= {new + path[len(old) :]: line for path, line in self.lines.items() if path[: len(old)] == old}

    def _invalid(self, error: yaml.MarkedYAMLError, text: str) -> Problem:
        mark = error.problem_mark or error.context_mark
        lines = text.splitlines() or [""]
        line = min(mark.line + 1, len(lines)) if mark else 1  # a mark can stand behind the last line
        message = f"not valid YAML: {error.problem or error.context}"
        if "${env:" in lines[line - 1]:
            message += "; between { and }, quote a text that holds ${env:...}"
        elif "\t" in lines[line - 1]:
            message = "not valid YAML: a tab; YAML is indented with spaces only"
        elif "escape character" in message:
            message += "; write a text with backslashes, such as a pattern, in single quotes"
        elif "another document" in message:
            message = "not valid YAML: a second document begins here, and a project is one; remove the line ---"
        return Problem(self.file, line, "", message)

    def _check_depth(self, text: str) -> None:
        """Refuse what is nested so deeply that the parser would break."""
        loader = _Loader(text)
        depth = 0
        try:
            while loader.check_event():
                event = loader.get_event()
                depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
                if depth > _DEEPEST:
                    line = event.start_mark.line + 1
                    raise ProjectError([Problem(self.file, line, "", f"nested more than {_DEEPEST} levels deep")])
        finally:
            loader.dispose()

    def _build(self, loader: yaml.SafeLoader, node: yaml.Node, path: Path) -> Any:
        self._nodes += 1
        line = node.start_mark.line + 1
        if id(node) in self._open:
            message = "not valid YAML: an anchor contains itself"
            raise ProjectError([Problem(self.file, line, ".".join(map(str, path)), message)])
        if self._nodes > _MOST_NODES:
            message = f"more than {_MOST_NODES:,} values, counting every use of an anchor"
            raise ProjectError([Problem(self.file, line, "", message)])
        if isinstance(node, yaml.ScalarNode):
            value = self._scalar(loader, node, path)
            return self._filled(value, path) if isinstance(value, str) else value
        self._open.add(id(node))
        try:
            return self._collection(loader, node, path)
        finally:
            self._open.remove(id(node))

    def _collection(self, loader: yaml.SafeLoader, node: yaml.Node, path: Path) -> Any:
        if isinstance(node, yaml.MappingNode):
            own = sum(key.tag != _MERGE for key, _ in node.value)
            loader.flatten_mapping(node)
            # An anchor's node comes here once for each use, and only the first time with its merge keys.
            self._merged.setdefault(id(node), len(node.value) - own)
            return self._mapping(loader, node, path)
        for index, item in enumerate(node.value):
            self.lines[(*path, index)] = item.start_mark.line + 1
        return [self._build(loader, item, (*path, index)) for index, item in enumerate(node.value)]

    def _scalar(self, loader: yaml.SafeLoader, node: yaml.ScalarNode, path: Path) -> Any:
        try:
            return loader.construct_object(node)
        except yaml.MarkedYAMLError:
            raise
        except (ValueError, TypeError, AttributeError, OverflowError) as error:  # 2024-13-01, !!int x, 5,000 digits
            what = node.value if len(node.value) <= _SHOWN else f"{node.value[:_SHOWN]}..."
            self.report(path, f"'{what}' is no {node.tag.rpartition(':')[2]}: {error}")
            return None

    def _mapping(self, loader: yaml.SafeLoader, node: yaml.MappingNode, path: Path) -> dict[Any, Any]:
        data: dict[Any, Any] = {}
        own: set[str] = set()
        merged = self._merged[id(node)]
        for index, (key_node, value_node) in enumerate(node.value):
            key = self._scalar(loader, key_node, path) if isinstance(key_node, yaml.ScalarNode) else "a list or mapping"
            if not isinstance(key, str) or not isinstance(key_node, yaml.ScalarNode):
                self._report_key(key, key_node.start_mark.line + 1, path)
                continue
            here = (*path, key)
            first = self.lines.get(here)
            self.lines[here] = key_node.start_mark.line + 1
            # What `<<` brought may be overridden.
            if key in own:
                self.report(here, f"the key is given twice; first in line {first}")
            if index >= merged:
                own.add(key)
            data[key] = self._build(loader, value_node, here)
        return data

    def _report_key(self, key: Any, line: int, path: Path) -> None:
        shown = key if isinstance(key, str) else repr(key)
        self.wrong.add((*path, shown))
        message = f"keys are text, found {shown} (quote it)"
        self.problems.append(Problem(self.file, line, ".".join(map(str, path)), message))

    def _filled(self, text: str, path: Path) -> str:
        def value(match: re.Match[str]) -> str:
            name, default = match.groups()
            self.variables.add(name)
            if name in self._environ:
                return self._environ[name]
            if default is None:
                self.report(
                    path, f"the environment variable {name} is not set; set it, or write ${{env:{name}:default}}"
                )
            return default or ""

        return _ENV.sub(value, text)
