"""The end of the process behind the command."""

import atexit
import gc
import io
import os
import signal
import sys

import pytest

from maestro_ml.cli import app, entry


@pytest.fixture
def ended(monkeypatch):
    """Provide `ended(run)`, which runs the command as `run` and returns what the process would end with: the exit codes
    of SystemExit and, if the exit handler ends the process, of that.
    """
    handlers, codes = [], []
    monkeypatch.setattr(atexit, "register", handlers.append)
    monkeypatch.setattr(os, "_exit", codes.append)
    monkeypatch.setattr(os, "environ", dict(os.environ))

    def end(run):
        monkeypatch.setattr(app, "run", run)
        with pytest.raises((SystemExit, ZeroDivisionError)) as stopped:
            entry.main()
        for handler in handlers:
            handler()
        return getattr(stopped.value, "code", None), codes

    thresholds, signals = gc.get_threshold(), {number: signal.getsignal(number) for number in entry._NAMES}
    yield end
    gc.set_threshold(*thresholds)
    for number, handler in signals.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("code", [0, 1, 2, 3])
def test_a_command_that_is_done_ends_without_freeing_what_libraries_made(ended, code):
    assert ended(lambda arguments, stopped: code) == (code, [code])


def test_a_command_that_raises_ends_as_python_does(ended):
    assert ended(lambda arguments, stopped: 1 // 0) == (None, [])


def test_a_closed_output_is_reported_as_python_does(ended, monkeypatch):
    class Closed(io.StringIO):
        def flush(self):
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Closed())
    assert ended(lambda arguments, stopped: 0) == (0, [])


@pytest.mark.parametrize(("given", "used"), [(None, "system"), ("mimalloc", "mimalloc")])
def test_arrow_takes_memory_from_the_system_unless_the_user_says_otherwise(ended, given, used):
    os.environ.pop("ARROW_DEFAULT_MEMORY_POOL", None)
    if given:
        os.environ["ARROW_DEFAULT_MEMORY_POOL"] = given
    seen = []
    ended(lambda arguments, stopped: seen.append(os.environ["ARROW_DEFAULT_MEMORY_POOL"]) or 0)
    assert seen == [used]
