"""A release: the same bytes from the same commit, one version everywhere, and what stands in for what is missing."""

import gzip
import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path

import not_tested
import pytest
import release
import version

ROOT = Path(__file__).parents[2]


def archive(mtime: int, names: tuple[str, ...]) -> bytes:
    """Return a .tgz as Helm makes one: its own order, time and owner."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w:gz") as file:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size, member.mtime, member.uname, member.mode = len(name), mtime, "somebody", 0o600
            file.addfile(member, io.BytesIO(name.encode()))
    return whole.getvalue()


def test_the_chart_has_the_same_bytes_whenever_and_in_whatever_order_it_was_packed() -> None:
    first = release.repacked(archive(1, ("maestro/Chart.yaml", "maestro/values.yaml")), 1_700_000_000)
    second = release.repacked(archive(2, ("maestro/values.yaml", "maestro/Chart.yaml")), 1_700_000_000)
    assert first == second
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(first))) as file:
        [one, two] = file.getmembers()
    assert [one.name, two.name] == ["maestro/Chart.yaml", "maestro/values.yaml"]
    assert (one.mtime, one.uname, one.mode) == (1_700_000_000, "", 0o644)
    assert release.repacked(archive(1, ("maestro/values.yaml",)), 1_700_000_000) != first


def test_the_bill_holds_what_the_images_install_and_no_tool_of_the_tests() -> None:
    found = release.packages("maestro-ml", release.EXTRAS)
    assert {"apache-airflow", "feast", "mlflow-skinny", "duckdb", "psycopg", "s3fs"} <= set(found)
    assert not {"pytest", "ruff", "maestro-ml", "pyspark"} & set(found)
    table = release.licences(found).splitlines()
    assert table[0] == "package,version,licence"
    assert len(table) == len(found) + 1
    assert next(line for line in table if line.startswith("duckdb,")).endswith("MIT License") or "MIT" in "".join(table)


def test_the_time_of_a_release_is_the_commits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert release.moment() == 1_700_000_000
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    assert release.moment() > 1_700_000_000


def test_a_dry_run_says_what_would_be_made_and_makes_nothing(tmp_path: Path) -> None:
    command = [sys.executable, ROOT / "ci/release.py", "--dry-run", "--out", tmp_path / "out"]
    printed = subprocess.run(
        command, check=True, capture_output=True, text=True, env={"PATH": "/nowhere", "HOME": str(tmp_path)}
    ).stdout
    for name in (f"maestro_ml-{release.version()}-py3-none-any.whl", f"maestro-{release.version()}.tgz", "SHA256SUMS"):
        assert name in printed
    assert "images: left out, none of docker, podman, buildah answers here" in printed
    assert not (tmp_path / "out").exists()


def test_every_chart_has_the_version_of_the_package() -> None:
    import yaml

    charts = [yaml.safe_load(path.read_text()) for path in (ROOT / "Chart.yaml", *ROOT.glob("charts/*/Chart.yaml"))]
    assert {chart["version"] for chart in charts} == {release.version()}
    assert charts[0]["appVersion"] == release.version()


def test_a_new_version_is_written_where_the_old_one_is_meant() -> None:
    text = 'version: 0.1.0\nappVersion: "0.1.0"\nimage: localhost/maestro-airflow:0.1.0\nother: 10.1.0\nlark==0.1.0.1\n'
    assert version.replaced(text, "0.1.0", "0.2.0") == text.replace("n: 0.1.0", "n: 0.2.0").replace(
        '"0.1.0"', '"0.2.0"'
    ).replace("airflow:0.1.0", "airflow:0.2.0")


def test_a_text_that_is_no_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["version.py", "next"])
    with pytest.raises(SystemExit, match="next is no version"):
        version.main()


def test_what_was_not_tested_is_one_line(tmp_path: Path) -> None:
    assert not_tested.line(tmp_path) == "Not tested here: a cluster (make e2e)"
    (tmp_path / "python.json").write_text(json.dumps({"no redis-server\non PATH": 2}))
    (tmp_path / "chart.json").write_text(json.dumps({"no promtool": 1}))
    assert not_tested.line(tmp_path) == (
        "Not tested here: a cluster (make e2e); no redis-server on PATH (2); no promtool (1)"
    )


def test_a_run_of_the_tests_notes_what_it_skipped(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text("import pytest\ndef test_it(): pytest.skip('no server')\n")
    note = tmp_path / "notes/one.json"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "not_tested", "-c", "/dev/null", tmp_path]
    environment = {"NOT_TESTED": str(note), "PYTHONPATH": str(ROOT / "ci"), "PATH": "/usr/bin:/bin"}
    subprocess.run(command, check=True, capture_output=True, env=environment, cwd=tmp_path)
    assert json.loads(note.read_text()) == {"no server": 1}
