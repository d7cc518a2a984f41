"""True and false are no numbers, wherever a declaration expects one."""

from typing import Annotated

import pytest
from pydantic import Field, ValidationError

from maestro_ml.core.node import Node


class _Inner(Node):
    type: int = 0


class _Outer(Node):
    count: Annotated[int, Field(ge=0)] = 0
    share: float | None = None
    several: tuple[int, ...] = ()
    named: dict[str, float] = {}
    inner: _Inner = _Inner()
    flag: bool = False
    either: tuple[str | int | bool, ...] = ()


@pytest.mark.parametrize(
    "given",
    [
        {"count": True},
        {"share": False},
        {"several": [1, True]},
        {"named": {"a": True}},
        {"inner": {"type": True}},
    ],
)
def test_a_boolean_is_refused_where_a_number_is_meant(given):
    with pytest.raises(ValidationError) as refused:
        _Outer.model_validate(given)
    [error] = refused.value.errors()
    assert error["type"] in ("int_type", "float_type")


def test_numbers_and_booleans_stay_what_they_are():
    found = _Outer.model_validate({"count": "3", "share": 1, "flag": True, "either": [True, 1, "a"]})
    assert (found.count, found.share, found.flag) == (3, 1.0, True)
    assert [type(value) for value in found.either] == [bool, int, str]
