"""The peak of a process's memory is its own."""

import subprocess
import sys

import psutil
import pytest

from maestro_ml.core.memory import container_memory, peak_memory, release

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


CGROUP = {
    "memory.max": "536870912\n",
    "memory.current": "400000000\n",
    "memory.stat": "anon 1\ninactive_file 100000000\n",
}
VERSION_1 = {
    "memory/memory.limit_in_bytes": "536870912\n",
    "memory/memory.usage_in_bytes": "400000000\n",
    "memory/memory.stat": "cache 7\ntotal_inactive_file 100000000\n",
}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (CGROUP, (536870912, 236870912)),
        (VERSION_1, (536870912, 236870912)),
        (CGROUP | {"memory.max": "max\n"}, None),
        (VERSION_1 | {"memory/memory.limit_in_bytes": "9223372036854771712\n"}, None),
        (CGROUP | {"memory.current": "700000000\n"}, (536870912, 0)),
        (CGROUP | {"memory.stat": ""}, (536870912, 136870912)),
        ({"memory.max": "536870912\n"}, None),
        ({}, None),
    ],
)
def test_the_limit_of_a_container_and_what_is_free_of_it(tmp_path, files, expected):
    (tmp_path / "memory").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert container_memory(tmp_path) == expected
