"""Where a command leaves its results: one folder for one window, another one for another."""

from datetime import UTC, datetime, timedelta

import pytest
from typer import BadParameter
from typer.main import get_command

from maestro_ml.cli.app import app
from maestro_ml.cli.options import parse_time
from maestro_ml.cli.request import Request

END = datetime(2024, 2, 1, tzinfo=UTC)


def test_windows_have_folders_of_their_own(mini):
    def folder(start, end):
        return Request.of(mini, start, end, "runs").folder("validate", "trips").uri

    moment = timedelta(milliseconds=1)
    windows = [(None, END), (None, END + moment), (END - moment, END), (END - 2 * moment, END)]
    assert folder(None, END) == "runs/cli/2024-02-01T000000Z/validate/trips"
    assert len({folder(*window) for window in windows}) == len(windows)
    assert folder(*windows[2]) == folder(*windows[2])


@pytest.mark.parametrize("text", ["2024-02-01T00:00:00.999999999", "2024-02-01T00:00:00.0000001Z"])
def test_a_time_no_window_can_hold_is_refused(text):
    with pytest.raises(BadParameter, match="more precise than microseconds"):
        parse_time(text)


def test_a_time_is_read_to_the_microsecond():
    assert parse_time("2024-01-31T23:59:59.999999000") == END - timedelta(microseconds=1)


def test_the_arguments_of_a_command_are_listed_before_its_options():
    commands = [get_command(app)]
    for command in commands:
        commands += getattr(command, "commands", {}).values()
        kinds = [parameter.param_type_name for parameter in command.params]
        assert kinds == sorted(kinds), command.name  # "argument" is before "option"
    assert len(commands) > 30
