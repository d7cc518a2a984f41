"""The peak of a process's memory is its own."""

import subprocess
import sys

import psutil

from maestro_ml.core.memory import peak_memory, release

PROGRAM = "from maestro_ml.core.memory import peak_memory; print(peak_memory())"


def test_the_peak_is_no_less_than_what_is_held_now() -> None:
    assert peak_memory() >= 0.9 * psutil.Process().memory_info().rss


def test_what_the_program_that_started_it_holds_is_not_counted() -> None:
    held = bytearray(b"x") * (1 << 29)
    peak = int(subprocess.run([sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True).stdout)
    assert 0 < peak < len(held)


def test_memory_that_is_no_longer_used_goes_back() -> None:
    process = psutil.Process()
    pieces = [bytes(10_000) for _ in range(20_000)]
    last = bytes(10_000)  # the heap cannot shrink from its end
    held = process.memory_info().rss
    del pieces
    release()
    assert process.memory_info().rss < held - 100_000_000
    assert len(last) == 10_000
