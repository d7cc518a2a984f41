"""Both images built from their Dockerfiles, brought to the cluster, and looked into."""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness.images import build, layers, run_in_pod
from harness.kubectl import Kubectl, run
from harness.proof import machine, prove, table
from harness.release import ROOT

CHOOSE = "set -e; . ci/settings; choose_builder; echo $BUILDER"


@pytest.fixture(scope="module")
def images(cluster: None) -> tuple[list[str], float]:
    """Provide the names of the images, in the cluster, and the seconds their build took: few, where layers are
    known again.
    """
    began = time.monotonic()
    names = build()
    seconds = time.monotonic() - began
    if load := os.environ.get("E2E_LOAD"):
        subprocess.run([*load.split(), *names], check=True)
    return names, seconds


@pytest.fixture(scope="module")
def kubectl(cluster: None) -> Iterator[Kubectl]:
    """Provide a namespace of its own that enforces the restricted standard."""
    kubectl = Kubectl("maestro-e2e-images")
    kubectl("create", "namespace", kubectl.namespace, check=False)
    kubectl("label", "namespace", kubectl.namespace, "pod-security.kubernetes.io/enforce=restricted", "--overwrite")
    yield kubectl
    run(["kubectl", "delete", "namespace", kubectl.namespace, "--wait=true"])


def test_both_images_are_built_and_measured(images: tuple[list[str], float], tmp_path: Path) -> None:
    names, seconds = images
    builder = run(["bash", "-c", f"cd {ROOT}; {CHOOSE}"]).strip()
    assert [name.rpartition("/")[2].split(":")[0] for name in names] == ["maestro-airflow", "maestro-training"]
    rows = [(name, made[:80], size) for name in names for made, size in layers(name, builder, tmp_path)]
    totals = {name: sum(size for image, _, size in rows if image == name) for name in names}
    prove(
        "images",
        "The images",
        machine(),
        f"`make image` with {builder}: {seconds:.0f} s. Compressed: "
        + ", ".join(f"{name} {total:.0f} MB" for name, total in totals.items())
        + ". Both run as a user that is not root, and `pip check` finds nothing wrong.",
        table(("image", "layer", "MB compressed"), rows),
    )


@pytest.mark.parametrize("which", [0, 1], ids=["airflow", "training"])
def test_an_image_is_not_root_and_its_packages_fit_together(
    images: tuple[list[str], float], kubectl: Kubectl, which: int
) -> None:
    image = images[0][which]
    assert run_in_pod(kubectl, f"user-{which}", image, "id", "-u").strip() == "50000"
    assert "No broken requirements" in run_in_pod(kubectl, f"pip-{which}", image, "python", "-m", "pip", "check")


def test_the_training_image_has_no_airflow(images: tuple[list[str], float], kubectl: Kubectl) -> None:
    look = "import importlib.util as u; print(u.find_spec('airflow'))"
    assert run_in_pod(kubectl, "no-airflow", images[0][1], "python", "-c", look).strip() == "None"
