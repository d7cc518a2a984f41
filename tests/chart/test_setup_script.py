"""The setup Job's script with a stand-in for `airflow`: what it calls, in which order, and what it does not show."""

import json
import os
import subprocess
import sys

import pytest
from composition import ROOT

SCRIPT = ROOT / "files/setup/setup.py"
FAKE = """#!/bin/sh
echo "$@" >> "$CALLS"
case "$*" in *users*) while read -r line; do echo "asked: $line" >> "$CALLS"; done ;; esac
case "$*" in *"$FAIL_ON"*) [ -z "$FAIL_ON" ] || exit 7 ;; esac
"""


@pytest.fixture
def setup(tmp_path):
    """Run the script on files of the test; returns the exit code, what it wrote, and the calls it made."""
    (tmp_path / "airflow").write_text(FAKE)
    (tmp_path / "airflow").chmod(0o755)
    (tmp_path / "password").write_text("s3cret words\n")
    user = {
        "username": "ann",
        "role": "Op",
        "email": "a@b",
        "firstName": "A",
        "lastName": "B",
        "passwordFile": str(tmp_path / "password"),
    }
    files = {
        "pools": {"p": {"slots": 1}},
        "variables": {},
        "connections": {"c": {"conn_type": "http"}},
        "users": [user],
    }
    for name, content in files.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    script = tmp_path / "setup.py"
    script.write_text(SCRIPT.read_text().replace('Path("/setup")', f"Path({str(tmp_path)!r})"))

    def run(fail_on: str = "") -> tuple[int, str, list[str]]:
        environment = {
            **os.environ,
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
            "CALLS": str(tmp_path / "calls"),
            "FAIL_ON": fail_on,
        }
        done = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr, (tmp_path / "calls").read_text().splitlines()

    return run


def test_it_imports_what_there_is_and_then_makes_users(setup):
    code, _, calls = setup()
    assert code == 0
    commands = [" ".join(call.split()[:2]) for call in calls if not call.startswith("asked")]
    assert commands == ["pools import", "connections import", "users create"]
    assert "--overwrite" in calls[1]
    assert calls[2:] == [
        "users create --username=ann --role=Op --email=a@b --firstname=A --lastname=B",
        "asked: s3cret words",
        "asked: s3cret words",
    ]


@pytest.mark.parametrize("text", ["", "\n", "two\nlines\n"])
def test_a_password_nobody_could_type_is_refused_with_the_users_name(setup, tmp_path, text):
    (tmp_path / "password").write_text(text)
    code, output, calls = setup()
    assert code == 1
    assert "the password of the user ann is not one line" in output
    assert calls[-1].startswith("connections import")


def test_the_first_failure_ends_it_with_its_name_and_without_the_password(setup):
    code, output, calls = setup(fail_on="users create")
    assert code == 1
    assert "`airflow users create` failed with exit code 7" in output
    assert "s3cret" not in output

    code, _, calls = setup(fail_on="pools import")
    assert code == 1
    assert calls[-1].startswith("pools import")
