"""Names from outside stand in tables as they are, and turn, clear or colour nothing."""

from datetime import UTC, datetime

import pytest
from rich.console import Console

from maestro_ml.cli.history import history_table
from maestro_ml.cli.tables import print_table
from maestro_ml.validation.history.runs import RunMetrics

NAME = "[bold]x[/bold] \x1b[31m \u202eabc [/]"


def test_a_name_in_a_table_of_models_is_what_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("tag", NAME), [(NAME, None)])
    out = capsys.readouterr().out
    assert "[bold]x[/bold]" in out
    assert "\x1b" not in out
    assert "\u202e" not in out


def test_a_column_in_the_history_is_what_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    end = datetime(2024, 1, 2, tzinfo=UTC)
    run = RunMetrics(
        start=datetime(2024, 1, 1, tzinfo=UTC),
        end=end,
        created=end,
        run="r",
        verdict="pass",
        values={"missing_share": {NAME: 0.5}},
    )
    Console(markup=False, highlight=False, width=200).print(history_table("orders", [run]))
    out = capsys.readouterr().out
    assert "[bold]x[/bold]" in out
    assert "50.00%" in out
    assert "\x1b" not in out
    assert "\u202e" not in out
