"""Which names a contract refuses that does not name every column."""

from collections.abc import Callable

import pytest

from maestro_ml.project.datasets import Column, Dataset

AT = {"at": {"type": "timestamp"}}
SOURCE = {"source": {"kind": "parquet", "path": "x.parquet"}}
NAMED = [
    {"checks": [{"check": "missing", "column": "price"}]},
    {"keys": ["price"]},
    {"reference": {"kind": "previous"}, "drift": {"columns": ["price"]}},
    {"reference": {"kind": "previous"}, "anomalies": {"columns": ["price"]}},
    {"checks": [{"check": "predicate", "sql": "price > 1"}]},
]


@pytest.mark.parametrize("named", NAMED)
@pytest.mark.parametrize(
    "given", [{}, {"columns": {**AT, "pri*": {"type": "number"}}}, {"columns": AT, "extra_columns": "allow"}]
)
def test_what_the_table_may_bring_can_be_named(dataset_project: Callable, named: dict, given: dict) -> None:
    assert dataset_project(timestamp="at", **SOURCE | {"columns": {}} | given | named)


@pytest.mark.parametrize("named", NAMED)
@pytest.mark.parametrize("given", [{"columns": AT}, {"columns": {**AT, "cost*": {"type": "number"}}}])
def test_what_a_complete_contract_does_not_have_is_refused(dataset_project: Callable, named: dict, given: dict) -> None:
    with pytest.raises(Exception, match="no column 'price'"):
        dataset_project(timestamp="at", **SOURCE | given | named)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"columns": {}, "extra_columns": "error"}, "every column would be one too many"),
        ({"columns": {}, "source": {"kind": "csv", "path": "x.csv", "header": False}}, "without a header needs"),
        (
            {"columns": {**AT, "x*": {"type": "date"}}, "source": {"kind": "csv", "path": "x.csv", "header": False}},
            "'x\\*' is a pattern",
        ),
        (
            {"columns": {**AT, "x*": {"type": "string"}}, "checks": [{"check": "range", "column": "xy", "max": 1}]},
            "column 'xy' is string",
        ),
        ({"columns": {"x*": {"type": "date"}}}, "the timestamp column 'at' is not among the columns"),
    ],
)
def test_what_can_never_work_is_refused(dataset_project: Callable, given: dict, message: str) -> None:
    with pytest.raises(Exception, match=message):
        dataset_project(timestamp="at", **SOURCE | given)


def test_which_columns_are_personal_follows_the_contract_of_each_copy() -> None:
    personal, other = Column(type="string", pii=True), Column(type="string")
    dataset = Dataset(
        source={"kind": "parquet", "path": "x.parquet"},
        columns={"Mail": personal, "mail": other, "id_*": personal, "id_long_*": other, "note": other},
        extra_columns="allow",
    )
    names = ("MAIL", "id_1", "ID_LONG_2", "note", "unknown")
    assert [dataset.hides(name) for name in names] == [True, True, False, False, False]

    expanded = dataset.expanded(["mail", "id_1", "id_long_2", "note"])
    assert [expanded.hides(name) for name in (*names, "id_3")] == [True, True, False, False, False, True]
    assert expanded.model_copy(update={"columns": {"note": personal}}).hides("note")
    assert not expanded.hides("note")
    assert dataset == dataset.model_copy()  # what was worked out does not count
