"""The JSON schema editors use agrees with what loading accepts."""

from importlib.resources import files
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from maestro_ml.project import Project


class EditorLoader(yaml.SafeLoader):
    """YAML as editors read it: a date is a text."""


EditorLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = Project.model_json_schema(by_alias=True)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def flights() -> Any:
    text = files("maestro_ml").joinpath("demo/project/maestro.yaml").read_text()
    return yaml.load(text, EditorLoader)


def test_the_schema_accepts_the_flights_project(validator: Draft202012Validator) -> None:
    assert [f"{e.json_path}: {e.message}" for e in validator.iter_errors(flights())] == []


def test_the_schema_accepts_the_smallest_project(valid: str, validator: Draft202012Validator) -> None:
    assert list(validator.iter_errors(yaml.load(valid, EditorLoader))) == []


@pytest.mark.parametrize(
    ("place", "key", "value"),
    [
        ((), "qqq", 1),
        (("models", "late_at_pushback"), "register", {}),
        (("models", "late_at_pushback", "estimator"), "class_path", "sklearn.svm.SVC"),
        (("models", "late_at_pushback"), "window", "four months"),
        (("datasets", "flights", "source"), "kind", "dbase"),
        (("datasets", "flights"), "reference", {"kind": "fixed", "start": "soon", "end": "later"}),
        (("training",), "schedule", "sometimes"),
    ],
)
def test_the_schema_refuses_what_loading_refuses(
    place: tuple[str, ...], key: str, value: object, validator: Draft202012Validator
) -> None:
    document = flights()
    node = document
    for name in place:
        node = node[name]
    node[key] = value
    assert not validator.is_valid(document)
