"""The alias: forward in data time, to a model that is no worse, or by name."""

from datetime import UTC, datetime

import pytest

from maestro_ml.training.tracking.alias import AliasMove, Holder, decide_move

MARCH, APRIL = datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 4, 1, tzinfo=UTC)


def moved(holder: Holder | None, value: float = 0.8, forced: bool = False) -> AliasMove:
    return decide_move("staging", "roc_auc", value, MARCH, holder, forced=forced)


def test_an_alias_nobody_has_is_taken() -> None:
    assert moved(None).moved


def test_the_record_of_a_move_holds_what_was_compared() -> None:
    holder = Holder(version="3", test_end=MARCH, value=0.7, same_rows=True)
    made = moved(holder, 0.75)
    assert (made.metric, made.candidate, made.candidate_test_end, made.holder) == ("roc_auc", 0.75, MARCH, holder)
    assert moved(None).holder is None


@pytest.mark.parametrize(("value", "takes"), [(0.7999999, True), (0.8, True), (0.8000001, False)])
def test_of_two_models_on_the_same_rows_the_worse_one_does_not_take_it(value: float, takes: bool) -> None:
    made = moved(Holder(version="3", test_end=MARCH, value=value, same_rows=True))
    assert made.moved is takes
    assert "on the same test rows" in made.reason
    assert ("'staging' stays at version 3" in made.reason) is not takes


def test_the_digits_that_decide_are_shown() -> None:
    reason = moved(Holder(version="3", test_end=MARCH, value=0.8000001, same_rows=True)).reason
    assert "which has roc auc 0.8000001 on the same test rows, better than this model's 0.8" in reason


def test_a_model_tested_on_later_rows_keeps_it_even_if_it_is_worse() -> None:
    made = moved(Holder(version="3", test_end=APRIL, value=0.1, same_rows=True))
    assert not made.moved
    assert made.reason == (
        "'staging' stays at version 3, whose test rows end 2024-04-01 00:00, later than this model's 2024-03-01 00:00"
    )


@pytest.mark.parametrize("holder", [Holder(version="3", test_end=APRIL), Holder(version="3", value=0.99)])
def test_a_person_who_asks_gets_it(holder: Holder) -> None:
    assert moved(holder, forced=True).moved
    assert "the move was requested; version 3 had it" in moved(holder, forced=True).reason


@pytest.mark.parametrize(("value", "takes"), [(0.7, True), (0.9, False)])
def test_what_cannot_be_measured_on_the_same_rows_is_held_against_what_was_recorded(value: float, takes: bool) -> None:
    made = moved(Holder(version="3", test_end=MARCH, value=value, obstacle="it takes y"))
    assert made.moved is takes
    assert "on its own test rows (it takes y)" in made.reason


@pytest.mark.parametrize("value", [None, float("nan")])
def test_a_version_nothing_is_known_of_gives_way(value: float | None) -> None:
    made = moved(Holder(version="3", value=value, obstacle="its model was not written by Maestro"))
    assert made.moved
    assert "could not be compared: its model was not written by Maestro" in made.reason


@pytest.mark.parametrize("value", [0.9, None, float("inf"), -float("inf")])
def test_the_record_survives_json(value: float | None) -> None:
    made = moved(Holder(version="3", test_end=MARCH, value=value, same_rows=True), value or 0.0)
    assert AliasMove.model_validate_json(made.model_dump_json()) == made
