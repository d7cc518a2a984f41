"""How a message about a misspelled name ends."""

import pytest

from maestro_ml.core.near_names import did_you_mean, nearest


@pytest.mark.parametrize(
    ("name", "known", "end"),
    [
        ("ordrs", ["orders", "returns"], "; did you mean 'orders'?"),
        ("orders2", {"order": 1, "orders": 2}, "; did you mean 'orders'?"),
        ("stock", ["orders", "returns"], "; there are: orders, returns"),
        ("stock", [], "; there are: none"),
        ("", ["orders"], "; there are: orders"),
    ],
)
def test_a_similar_name_is_suggested_and_else_all_are_listed(name, known, end):
    assert did_you_mean(name, known) == end


def test_another_hint_stands_in_place_of_a_list_too_long_to_show():
    assert did_you_mean("x", ["Europe/Berlin"], "such as Europe/Berlin") == "; such as Europe/Berlin"
    assert did_you_mean("Europe/Berln", ["Europe/Berlin"], "such as Europe/Rome") == "; did you mean 'Europe/Berlin'?"
    assert did_you_mean("x", ["orders"], "") == ""


def test_names_may_come_from_an_iterator_and_only_a_similar_one_is_nearest():
    assert nearest("ordrs", iter(["orders", "returns"])) == "orders"
    assert nearest("stock", iter(["orders"])) is None
    assert did_you_mean("stock", iter(["orders", "returns"])) == "; there are: orders, returns"
