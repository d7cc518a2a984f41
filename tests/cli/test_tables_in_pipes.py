"""Tables that are printed into a file or a pipe keep a row on a line."""

import io
import sys

import pytest

from maestro_ml.cli.tables import print_table


def test_a_row_is_one_line_however_long_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(["name", "path"], [["a", "word " * 60], ["b", "x" * 400]])
    heading, first, second = capsys.readouterr().out.splitlines()
    assert heading.split() == ["name", "path"]
    assert first.split() == ["a", *["word"] * 60]
    assert second.split() == ["b", "x" * 400]


def test_no_line_ends_in_spaces(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(["name", "path"], [["a", "1"], ["b", "x" * 100]])
    assert [line for line in capsys.readouterr().out.splitlines() if line != line.rstrip()] == []


def test_a_terminal_folds_what_is_too_long_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("TERM", "xterm")
    print_table(["name", "path"], [["a", "x" * 100]])
    assert len(terminal.getvalue().splitlines()) > 2
