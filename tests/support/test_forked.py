"""A forked program ends as one of a new interpreter does, and leaves nothing to the next."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from forked import WITHOUT_MAESTRO, ForkServer


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    started = ForkServer("json maestro_ml", {})
    yield started
    started.stop()


def test_it_has_its_arguments_its_folder_and_its_own_output_and_exit_code(server: ForkServer, tmp_path: Path) -> None:
    program = "import os, sys; print(sys.argv[1:], os.getcwd()); sys.stderr.write('said'); sys.exit(3)"
    done = server.run(program, "a", tmp_path, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (3, f"['a', '{tmp_path}'] {tmp_path}\n", "said")


def test_an_error_is_1_with_its_traceback_and_a_message_is_1_on_stderr(server: ForkServer) -> None:
    failed, left = server.run("1 / 0"), server.run("raise SystemExit('no')")
    assert (failed.returncode, failed.stderr.splitlines()[-1]) == (1, "ZeroDivisionError: division by zero")
    assert (left.returncode, left.stderr) == (1, "no\n")


def test_what_it_leaves_the_next_one_does_not_see(server: ForkServer) -> None:
    assert (
        server.run("import os, sys, json; sys.modules['left'] = json.left = os; os.environ['LEFT'] = 'x'").stderr == ""
    )
    seen = server.run("import os, sys, json; print('left' in sys.modules, hasattr(json, 'left'), 'LEFT' in os.environ)")
    assert seen.stdout == "False False False\n"


def test_modules_beside_it_and_on_its_path_are_found(server: ForkServer, tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("")
    (tmp_path / "path").mkdir()
    (tmp_path / "path" / "further.py").write_text("")
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "path")}
    assert server.run("import beside, further", cwd=tmp_path, env=environment).returncode == 0
    assert server.run("import further", cwd=tmp_path).returncode == 1


def test_what_ends_with_an_interpreter_ends_with_it(server: ForkServer) -> None:
    program = (
        "import atexit, threading; atexit.register(print, 'last'); threading.Thread(target=print, args=['x']).start()"
    )
    assert sorted(server.run(program).stdout.split()) == ["last", "x"]


def test_maestro_can_be_taken_out(server: ForkServer) -> None:
    assert server.run("import maestro_ml").returncode == 0
    assert "ModuleNotFoundError" in server.run(f"{WITHOUT_MAESTRO}\nimport maestro_ml.core").stderr


def test_a_server_that_was_killed_is_started_again() -> None:
    server = ForkServer("json", {})
    assert server.run("print('once')").stdout == "once\n"
    server._process.kill()
    server._process.wait()
    assert server.run("print('again')").stdout == "again\n"
    server.stop()
