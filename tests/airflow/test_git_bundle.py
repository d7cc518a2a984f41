"""DAGs in a Git repository: the bundle that `global.dagBundles` names is in the image's extras and clones."""

import shutil
import subprocess

import pytest

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="git is missing: apt-get install git")


def test_a_bundle_clones_the_branch_and_gives_the_folder_of_its_dags(tmp_path, monkeypatch):
    git = pytest.importorskip("airflow.providers.git.bundles.git", reason="the provider is missing: make install")
    repository = tmp_path / "repository"
    (repository / "dags").mkdir(parents=True)
    (repository / "dags/daily.py").write_text("value = 1\n")
    author = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    for command in (["init", "-q", "-b", "main"], ["add", "."], [*author, "commit", "-q", "-m", "DAGs"]):
        subprocess.run(["git", "-C", repository, *command], check=True)
    monkeypatch.setenv("AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH", str(tmp_path / "bundles"))
    bundle = git.GitDagBundle(name="team", tracking_ref="main", subdir="dags", repo_url=repository.as_uri())
    bundle.initialize()
    assert [file.name for file in bundle.path.iterdir()] == ["daily.py"]
