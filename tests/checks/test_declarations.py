"""What a declared check may say: declarations.yaml has every mistake with its path and what it follows from."""

from pathlib import Path

import pytest
import yaml
from pydantic import TypeAdapter, ValidationError

from maestro_ml.checks.base import Check
from maestro_ml.checks.declared import AnyCheck
from maestro_ml.checks.registry import CHECKS
from maestro_ml.core.node import FIELDS_ONLY

EXPECTED = yaml.safe_load(Path(__file__).with_name("declarations.yaml").read_text(encoding="utf-8"))
TYPES = {
    "text": "string",
    "whole": "integer",
    "real": "number",
    "truth": "boolean",
    "at": "timestamp",
    "day": "date",
}
ANY_CHECK = TypeAdapter(AnyCheck)


def declared(kind: str, check: dict[str, object]) -> Check:
    return ANY_CHECK.validate_python({"check": kind, **check}, context=FIELDS_ONLY)


@pytest.mark.parametrize("kind", CHECKS.built_in)
def test_the_mistakes_of_a_check(kind: str) -> None:
    for each in EXPECTED["mistakes"][kind]:
        check = declared(kind, each["check"])
        found = [*check.mistakes(), *check.contract_mistakes(TYPES)]
        assert [[list(m.path), m.message, [*map(list, m.because)]] for m in found] == each["mistakes"], each


@pytest.mark.parametrize("kind", EXPECTED["bounds"])
def test_the_values_a_key_takes(kind: str) -> None:
    for each in EXPECTED["bounds"][kind]:
        for value in each["accepted"]:
            assert declared(kind, {**each["check"], each["key"]: value})
        for value in each["refused"]:
            with pytest.raises(ValidationError) as refused:
                declared(kind, {**each["check"], each["key"]: value})
            assert {each["key"] in error["loc"] for error in refused.value.errors()} == {True}, (each, value)
