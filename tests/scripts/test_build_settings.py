"""ci/settings: which builder makes the images, and what it is called with; fake programs in place of the builders."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("bash", "sed", "git", "timeout", "cut", "sha256sum", "dirname", "rm")


@pytest.fixture
def settings(tmp_path):
    """Run words after sourcing ci/settings, with builders on PATH: their names, and the exit codes of
    their `info`.
    """

    def run(words, builders, **environment):
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        for name in TOOLS:
            if not (folder / name).exists():
                (folder / name).symlink_to(next(p for d in os.get_exec_path() if (p := Path(d) / name).exists()))
        for name, code in builders.items():
            (folder / name).write_text(f'#!/bin/bash\n[ "$1" != info ] || exit {code}\necho "{name} $*"\n')
            (folder / name).chmod(0o755)
        command = ["bash", "-c", f"set -euo pipefail; . ci/settings; {words}"]
        given = {"PATH": str(folder), **environment}
        return subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, check=False)

    return run


@pytest.mark.parametrize(
    ("builders", "chosen"),
    [
        ({"docker": 0, "podman": 0, "buildah": 0}, "docker"),
        ({"docker": 1, "podman": 0, "buildah": 0}, "podman"),
        ({"docker": 1, "podman": 125, "buildah": 0}, "buildah"),
        ({"docker": 1, "buildah": 1}, "buildah"),
    ],
)
def test_the_first_builder_that_answers_is_taken(settings, builders, chosen):
    done = settings("builder version", builders)
    assert (done.returncode, done.stdout) == (0, f"{chosen} version\n")


def test_a_builder_that_is_named_is_taken_as_it_is(settings):
    assert settings("builder version", {"docker": 1, "podman": 0}, BUILDER="docker").stdout == "docker version\n"


@pytest.mark.parametrize(
    ("builders", "words"),
    [({}, "no docker, podman or buildah on PATH"), ({"docker": 1}, "of docker none answers: start its daemon")],
)
def test_without_one_that_answers_it_is_said_in_one_line(settings, builders, words):
    done = settings("builder version", builders)
    assert done.returncode == 2
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_buildah_needs_no_container_runtime(settings):
    assert settings("builder_build .", {"buildah": 0}).stdout == "buildah bud --layers --isolation chroot .\n"
    done = settings("builder_build .", {"buildah": 0}, BUILDAH_ISOLATION="oci")
    assert "--isolation oci" in done.stdout


def test_the_names_of_the_images_need_no_builder(settings):
    assert "localhost/maestro-airflow:" in settings('echo "${IMAGES[@]}"', {}).stdout


@pytest.mark.parametrize("dockerfile", ["airflow", "training"])
def test_an_image_is_built_behind_a_proxy_that_signs_and_keeps_none_of_it(dockerfile):
    text = (ROOT / f"ci/images/{dockerfile}.Dockerfile").read_text()
    assert "--mount=type=secret,id=ca," in text
    assert '"id=ca,src=$ca"' in (ROOT / "ci/build").read_text()


def test_the_build_stops_where_the_base_image_lacks_the_program_of_git_bundles():
    text = (ROOT / "ci/images/airflow.Dockerfile").read_text()
    assert ",git," in text
    assert " && git --version" in text
    assert "import airflow.providers.git.bundles.git" in text
