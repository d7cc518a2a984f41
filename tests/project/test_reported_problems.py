"""What loading reports: all mistakes in the file's order, without secrets, and none that only follows from another."""

from collections.abc import Callable

from maestro_ml.project import Problem


def test_all_mistakes_are_reported_at_once_in_the_order_of_the_file(
    valid: str, problems: Callable[..., list[Problem]]
) -> None:
    text = valid.replace("name: shop", "nam: shop").replace("{type: number}", "{type: float}")
    text = text.replace("kind: previous", "kind: last").replace("orders.parquet", '"${env:NOWHERE}"')
    found = problems(text)
    assert [p.line for p in found] == [2, 5, 11, 16]
    assert [p.key for p in found] == [
        "nam", "datasets.orders.source.path", "datasets.orders.columns.price.type", "datasets.orders.reference.kind",
    ]  # fmt: skip
    assert found[0].message == "unknown key; did you mean 'name'?"


def test_dead_references_are_all_reported(valid: str, problems: Callable[..., list[Problem]]) -> None:
    found = problems(valid.replace("keys: [id]", "keys: [x, y]").replace("label: returned", "label: z"))
    assert [p.key for p in found] == ["datasets.orders.keys.0", "datasets.orders.keys.1", "models.returns.label"]


def test_a_secret_does_not_stand_in_the_message(valid: str, problems: Callable[..., list[Problem]]) -> None:
    sql = "{kind: sql, url: [postgresql://user:hunter2@db/shop], table: orders}"
    found = problems(valid.replace("{kind: parquet, path: orders.parquet}", sql))
    assert [p.key for p in found] == ["datasets.orders.source.url"]
    assert "hunter2" not in found[0].message


def test_a_fixed_reference_that_ends_where_it_starts_holds_nothing(
    valid: str, problems: Callable[..., list[Problem]]
) -> None:
    fixed = "{kind: fixed, start: 2024-01-02, end: 2024-01-02}"
    [found] = problems(valid.replace("{kind: previous}", fixed))
    assert (found.key, found.message) == ("datasets.orders.reference", "start must be before end")


def test_a_timezone_that_is_another_on_each_machine_is_none(valid: str, problems: Callable[..., list[Problem]]) -> None:
    [found] = problems(valid.replace("timestamp: at\n", "timestamp: at\n    timezone: localtime\n"))
    assert found.key == "datasets.orders.timezone"
    assert "no timezone 'localtime'" in found.message


def test_drift_looks_at_no_keys_unless_they_are_named(valid: str, problems: Callable[..., list[Problem]]) -> None:
    text = valid.replace("drift: {columns: [price]}", "drift: {}").replace(
        "price: {type: number}", "price: {type: string}"
    )
    found = problems(text.replace("{check: range, column: price, min: 0}", "{check: rows, min: 1}"))
    assert [(p.key, "no column to test" in p.message) for p in found] == [("datasets.orders.drift", True)]
