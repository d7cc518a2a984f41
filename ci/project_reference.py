"""The reference of maestro.yaml: types and defaults from the models, meanings and examples from every-key.yaml."""

import inspect
import json
import re
import types
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from maestro_ml.core.declared import Declared
from maestro_ml.core.node import Node, format_duration
from maestro_ml.project import Project

SOURCE = Path(__file__).parents[1] / "docs/reference/every-key.yaml"
KINDS = ("kind", "check", "rule")  # the keys by which one of several models is chosen
BASES = {"Check", "Rule", "BaseSource", "TableSource"}  # what packages derive theirs from; no declarations themselves
COMMENT = re.compile(r"\s# (.*)$")
SHARED = 4  # so many models have a key from a class they derive from: it is explained once for all of them
PLAIN = {str: "text", int: "whole number", float: "number", bool: "`true` or `false`", timedelta: "duration"}
PLAIN |= {datetime: "time", SecretStr: "text", Any: "any value", type(None): ""}

Group = tuple[type[BaseModel], ...]


@dataclass(frozen=True)
class Section:
    """The models that may stand at one place of the file."""

    path: str
    models: Group


@dataclass(frozen=True)
class Note:
    """What every-key.yaml says of a key."""

    meaning: str
    example: str


def models_in(annotation: Any, metadata: tuple[Any, ...] = ()) -> Group:
    """Return the models of an annotation, those that a registry knows among them."""
    found = [kind for each in metadata if isinstance(each, Declared) for kind in each._registry.built_in.values()]
    if get_origin(annotation) is Annotated:
        inner, *rest = get_args(annotation)
        return tuple(dict.fromkeys((*found, *models_in(inner, tuple(rest)))))
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        return tuple(dict.fromkeys((*found, annotation)))
    inside = (model for each in get_args(annotation) if each is not None for model in models_in(each))
    return tuple(model for model in dict.fromkeys((*found, *inside)) if model.__name__ not in BASES)


def sections() -> list[Section]:
    """Return every place of the file that holds keys, from the top down."""
    result: list[Section] = []

    def walk(path: str, models: Group) -> None:
        if any(set(section.models) == set(models) for section in result):
            return
        result.append(Section(path, models))
        for model in models:
            for name, info in model.model_fields.items():
                if inner := models_in(info.annotation, tuple(info.metadata)):
                    each = (
                        ".NAME" if "dict" in str(info.annotation) else "[]" if "tuple" in str(info.annotation) else ""
                    )
                    walk(f"{path}.{info.alias or name}{each}".lstrip("."), inner)

    walk("", (Project,))
    return result


class Notes:
    """What every-key.yaml says, by model and key."""

    def __init__(self, text: str) -> None:
        self._text, self._lines = text, text.splitlines()
        self.found: dict[tuple[type[BaseModel], str], Note] = {}
        self.examples: dict[type[BaseModel], str] = {}
        for document in yaml.compose_all(text, yaml.SafeLoader):
            self._read(document, (Project,))

    def of(self, model: type[BaseModel], name: str, siblings: Group) -> Note | None:
        """Return the note of a key: where it stands, or where it stands first in a model of the same place."""
        owners = _owners(model, name)
        own = self.found.get((model, name))
        others = [self.found[kind, name] for kind in (*owners, *siblings) if (kind, name) in self.found]
        meaning = next((note.meaning for note in (own, *others) if note and note.meaning), "")
        example = next((note.example for note in (own, *others) if note and note.example), "")
        return Note(meaning, example) if own or others else None

    def _read(self, node: yaml.Node, models: Group) -> None:
        if not isinstance(node, yaml.MappingNode) or not (model := _chosen(node, models)):
            return
        self.examples.setdefault(model, self._source(node))
        keys = {info.alias or name: (name, info) for name, info in model.model_fields.items()}
        for key, value in node.value:
            name, info = keys[key.value]
            note = Note(self._comment(key, value), self._example(value))
            for kind in (model, *_owners(model, name)):
                old = self.found.get((kind, name), Note("", ""))
                self.found[kind, name] = Note(old.meaning or note.meaning, old.example or note.example)
            for inner in _below(value, info):
                self._read(inner, models_in(info.annotation, tuple(info.metadata)))

    def _comment(self, key: yaml.Node, value: yaml.Node) -> str:
        line = self._lines[key.start_mark.line]
        beside = COMMENT.search(line)
        if beside and value.end_mark.line in (key.start_mark.line, key.start_mark.line + 1):
            return beside[1].strip()
        above = self._lines[key.start_mark.line - 1].strip() if key.start_mark.line else ""
        return above[2:].rstrip(".") if above.startswith("# ") else ""

    def _example(self, value: yaml.Node) -> str:
        text = self._text[value.start_mark.index : value.end_mark.index].strip()
        return "" if "\n" in text else text

    def _source(self, node: yaml.Node) -> str:
        text = self._text[node.start_mark.index : node.end_mark.index].rstrip()
        indent = node.start_mark.column
        lines = [COMMENT.sub("", line).rstrip() for line in text.splitlines() if not line.lstrip().startswith("#")]
        return "\n".join([lines[0], *(line[indent:] for line in lines[1:])])


def _chosen(node: yaml.MappingNode, models: Group) -> type[BaseModel] | None:
    given = {key.value: value.value for key, value in node.value}
    for model in models:
        names = {info.alias or name: info for name, info in model.model_fields.items()}
        kinds = [key for key in KINDS if key in names and key in given and get_origin(names[key].annotation) is Literal]
        if set(given) <= set(names) and all(given[key] in get_args(names[key].annotation) for key in kinds):
            return model
    return None


def _below(value: yaml.Node, info: FieldInfo) -> Iterator[yaml.Node]:
    if isinstance(value, yaml.SequenceNode):
        yield from value.value
    elif "dict" in str(info.annotation) and isinstance(value, yaml.MappingNode):
        yield from (inner for _, inner in value.value)
    else:
        yield value


def described_type(annotation: Any) -> str:
    """Return what a value is, in words."""
    if annotation in PLAIN:
        return PLAIN[annotation]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return described_type(arguments[0])
    if origin is Literal:
        return ", ".join(f"`{json.dumps(each).strip(chr(34))}`" for each in arguments)
    if origin in (Union, types.UnionType):
        words = [described_type(each) for each in arguments]
        return " or ".join(dict.fromkeys(word for word in words if word))
    is_model = inspect.isclass(annotation) and issubclass(annotation, BaseModel)
    return "list" if origin is tuple else "mapping" if origin is dict or is_model else "text"


def _plain(node: Any) -> Any:
    return node.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def described_default(info: FieldInfo) -> str:
    """Return the default as the project file writes it; nothing where there is none."""
    value = info.default
    if info.is_required():
        return "required"
    if value is None or isinstance(value, Node):
        return ""
    if isinstance(value, timedelta):
        return f"`{format_duration(value)}`"
    if isinstance(value, dict) and any(isinstance(each, Node) for each in value.values()):
        value = list(value)  # the names, which may stand as a list
    return f"`{json.dumps(value, default=_plain)}`" if value not in ((), {}, "") else "none"


def keys_reference() -> str:
    """Return a section for each place of the file, with a table of its keys."""
    notes, parts = Notes(SOURCE.read_text()), []
    for section in sections():
        parts.append(f"## `{section.path}`" if section.path else "## The file itself")
        shared = _shared(section.models)
        if shared:
            parts += ["Keys that several of them have:", _table(shared, section.models, notes)]
        for model in section.models:
            parts += list(_model(model, section.models, set(shared), notes))
    return "\n\n".join(parts)


def _owners(model: type[BaseModel], name: str) -> list[type[BaseModel]]:
    """Return the classes that declare a key, the nearest first."""
    return [kind for kind in model.__mro__ if name in inspect.get_annotations(kind)]


def _shared(models: Group) -> dict[str, type[BaseModel]]:
    """Return the keys that many models have from a class they derive from, with one of these models."""
    found: dict[tuple[str, type[BaseModel]], list[type[BaseModel]]] = {}
    for model in models:
        for name in model.model_fields:
            if name not in KINDS and (owner := _owners(model, name)[0]) is not model:
                found.setdefault((name, owner), []).append(model)
    return {name: having[0] for (name, _), having in found.items() if len(having) >= SHARED}


def _model(model: type[BaseModel], siblings: Group, shared: set[str], notes: Notes) -> Iterator[str]:
    is_one_of_many = len(siblings) > 1
    if is_one_of_many and (kinds := [key for key in KINDS if key in model.model_fields]):
        yield f"### {get_args(model.model_fields[kinds[0]].annotation)[0]}"
    sentence = " ".join(inspect.cleandoc(model.__doc__ or "").split("\n\n")[0].split())
    yield re.sub(r"\]\((?=\w+\.md)", "](../", sentence)  # links of docstrings are those of docs/
    own = {name: model for name in model.model_fields if name not in shared and not (is_one_of_many and name in KINDS)}
    if own:
        yield _table(own, siblings, notes)
    if is_one_of_many and model in notes.examples:
        yield f"```yaml\n{notes.examples[model]}\n```"


def _table(keys: dict[str, type[BaseModel]], siblings: Group, notes: Notes) -> str:
    rows = []
    for name, model in keys.items():
        info, note = model.model_fields[name], notes.of(model, name, siblings) or Note("", "")
        example = f"`{note.example}`" if note.example else ""
        cells = [f"`{info.alias or name}`", note.meaning, described_type(info.annotation), described_default(info)]
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in [*cells, example]) + " |")
    return "\n".join(["| key | meaning | value | default | example |", "|---|---|---|---|---|", *rows])


def unexplained() -> list[str]:
    """Return the keys without a meaning, or without an example though they hold no keys of their own."""
    notes = Notes(SOURCE.read_text())
    missing = []
    for section in sections():
        for model in section.models:
            for name, info in model.model_fields.items():
                note = notes.of(model, name, section.models)
                is_plain = not models_in(info.annotation, tuple(info.metadata)) and "dict" not in str(info.annotation)
                if not note or not note.meaning or (is_plain and not note.example):
                    missing.append(f"{model.__name__}.{info.alias or name}")
    return missing
