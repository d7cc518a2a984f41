"""`maestro build`: a project in a wheel that works, and in a context that a builder takes."""

import json
import os
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from maestro_ml.cli.app import run
from maestro_ml.packaging.image import build_command, chosen_builder

PROJECT = """
name: Shop
datasets:
  orders: {source: {kind: csv, path: "${env:ORDERS:data/orders.csv}"}, columns: {id: {type: integer}}}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    for name, text in {
        "maestro.yaml": PROJECT,
        "rules.py": "LIMIT = 3\n",
        "dags/nightly.py": "",
        "data/orders.csv": "id\n1\n",
        ".env": "PASSWORD=hunter22\n",
        "mlflow.db": "x",
        "requirements.txt": "# ours\nlightgbm>=4\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:
    assert run(["build", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_wheel_is_installed_and_says_where_its_project_is(shop, tmp_path, capsys):
    found = document(capsys, "wheel", "--project", str(shop), "--version", "1.2.0", "--to", str(tmp_path / "dist"))
    assert Path(found["wheel"]).name == "shop_project-1.2.0-py3-none-any.whl"
    target = tmp_path / "installed"
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(target), found["wheel"]]
    if subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False).returncode:
        command = ["uv", "pip", "install", "-q", "--no-deps", "--target", str(target), found["wheel"]]
        command[0] = str(Path(sys.executable).with_name("uv"))
    subprocess.run(command, check=True, capture_output=True)
    code = "import shop_project as shop; from maestro_ml.project import load_project as load; "
    code += "print(load(shop.PROJECT).name)"
    environment = {**os.environ, "PYTHONPATH": str(target)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "Shop"
    assert (target / "shop_project/project/dags/nightly.py").is_file()


def test_the_same_files_make_the_same_wheel_without_data_secrets_and_runs(shop, tmp_path, capsys):
    wheels = [document(capsys, "wheel", "--project", str(shop), "--to", str(tmp_path / name)) for name in "ab"]
    first, second = (Path(found["wheel"]) for found in wheels)
    assert (first.name, first.read_bytes()) == (second.name, second.read_bytes())
    names = zipfile.ZipFile(first).namelist()
    assert [name.partition("/project/")[2] for name in names if "/project/" in name] == [
        "maestro.yaml",
        "requirements.txt",
        "rules.py",
        "dags/nightly.py",
    ]
    metadata = zipfile.ZipFile(first).read(next(name for name in names if name.endswith("METADATA"))).decode()
    assert "Requires-Dist: lightgbm>=4" in metadata


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("notes.txt", "-----BEGIN RSA PRIVATE KEY-----\n", "notes.txt:1: a private key"),
        ("rules.py", "x = 1\nKEY = 'AKIAABCDEFGHIJKLMNOP'\n", "rules.py:2: an access token"),
        ("settings.yaml", "url: postgresql://me:hunter22@db/shop\n", "settings.yaml:1: a URL with a password"),
        ("settings.yaml", "db_password: hunter22\n", "settings.yaml:1: a setting"),
        ("rules.py", "api_key = 'abcdefghij'\n", "rules.py:1: a setting"),
    ],
)
def test_a_project_with_a_secret_is_refused_and_the_secret_is_not_shown(shop, capsys, name, text, what):
    (shop / name).write_text(text)
    assert run(["build", "wheel", "--project", str(shop)]) == 2
    message = capsys.readouterr().err
    assert what in message
    assert "hunter22" not in message
    assert "AKIA" not in message


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("settings.yaml", "password: ${env:DB_PASSWORD}\nurl: postgresql://me:${env:P}@db/shop\n"),
        ("rules.py", "token = read_token()\nSECRET_NAME = 'db'\n"),
        ("settings.yaml", "# password: what a person types\nsecretName: {{ name }}\n"),
    ],
)
def test_names_of_secrets_are_no_secrets(shop, tmp_path, name, text):
    (shop / name).write_text(text)
    assert run(["build", "wheel", "--project", str(shop), "--to", str(tmp_path / "dist")]) == 0


def test_a_link_out_of_the_project_is_refused(shop, capsys):
    (shop / "other.py").symlink_to("/etc/hostname")
    assert run(["build", "wheel", "--project", str(shop)]) == 2
    assert "leads out of the project" in capsys.readouterr().err


def test_a_context_holds_the_project_and_the_layers_and_the_chart_is_told_of_the_images(shop, tmp_path, capsys):
    context = tmp_path / "context"
    arguments = ("--registry", "registry.example.com", "--version", "1.0.0", "--context", str(context))
    found = document(capsys, "image", "--project", str(shop), *arguments, "--base", "maestro:1")
    lines = (context / "Dockerfile").read_text().splitlines()
    assert lines[:2] == ["ARG BASE=maestro:1", "FROM ${BASE}"]
    assert lines[-2:] == ["COPY project /opt/Shop", "ENV MAESTRO_PROJECT=/opt/Shop"]
    assert (context / "project/dags/nightly.py").is_file()
    assert not (context / "project/data").exists()
    [command] = found["deploy"]
    assert "--set airflow.defaultAirflowRepository=registry.example.com/shop-airflow" in command
    assert "--set-string airflow.defaultAirflowTag=1.0.0" in command
    assert '"path": "/opt/Shop/dags"' in command


def test_a_builder_that_does_not_answer_is_passed_over(tmp_path, monkeypatch):
    for name, code in (("docker", 1), ("podman", 0), ("buildah", 0)):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\nexit {code}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    assert chosen_builder() == "podman"
    assert build_command("buildah", "a:1", "b:1", Path("c"))[:3] == ["buildah", "bud", "--layers"]


def test_without_a_builder_a_context_is_named_as_the_way(shop, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run(["build", "image", "--project", str(shop)]) == 2
    assert "--context" in capsys.readouterr().err
