"""Where a command leaves its results: one folder for one window, another one for another."""

from datetime import UTC, datetime, timedelta

from maestro_ml.cli.options import Request

END = datetime(2024, 2, 1, tzinfo=UTC)


def test_windows_have_folders_of_their_own(mini):
    def folder(start, end):
        return Request.of(mini, start, end, "runs").folder("validate", "trips").uri

    moment = timedelta(milliseconds=1)
    windows = [(None, END), (None, END + moment), (END - moment, END), (END - 2 * moment, END)]
    assert folder(None, END) == "runs/cli/2024-02-01T000000Z/validate/trips"
    assert len({folder(*window) for window in windows}) == len(windows)
    assert folder(*windows[2]) == folder(*windows[2])
