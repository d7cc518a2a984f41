"""Images as they were built: their layers, and programs run in them on the cluster."""

import json
import re
import subprocess
import tarfile
from pathlib import Path
from typing import Any

from harness.kubectl import Kubectl, run
from harness.release import ROOT

MB = 1e6


def build() -> list[str]:
    """Run `make image`; return the names of what it made."""
    done = subprocess.run(["make", "--silent", "image"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return [line for line in done.stdout.splitlines() if "/maestro-" in line]


def layers(image: str, builder: str, folder: Path) -> list[tuple[str, float]]:
    """Return what made each layer, and its compressed size in MB, from the bottom."""
    archive = folder / "image.tar"
    save = (
        ["save", "--output", str(archive), image]
        if builder == "docker"
        else ["push", "-q", image, f"oci-archive:{archive}"]
    )
    run([builder, *save])
    with tarfile.open(archive) as tar:

        def read(name: str) -> Any:
            return json.loads(tar.extractfile(name).read())

        def blob(digest: str) -> Any:
            return read(f"blobs/{digest.replace(':', '/')}")

        manifest = blob(read("index.json")["manifests"][0]["digest"])
        history = [step for step in blob(manifest["config"]["digest"])["history"] if not step.get("empty_layer")]
        sizes = [layer["size"] / MB for layer in manifest["layers"]]
    archive.unlink()
    made = [_instruction(step.get("created_by", "base")) for step in history]
    return list(zip(made, sizes, strict=True))


def _instruction(created_by: str) -> str:
    """Return the Dockerfile's words, without the build arguments and the shell in front of them."""
    words = re.sub(r"^\|\d+( \w+=\S*)* ", "", " ".join(created_by.split()))
    return re.sub(r"^/bin/sh -c (#\(nop\) )?", "", words)


def run_in_pod(kubectl: Kubectl, name: str, image: str, *command: str) -> str:
    """Return a command in a pod that meets the restricted standard with the image's own user; its output."""
    container = {
        "name": "command",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": list(command),
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    spec = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [container],
    }
    kubectl("delete", "pod", name, "--ignore-not-found", "--wait=true")
    kubectl.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec})
    try:
        kubectl("wait", f"pod/{name}", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=180s")
    finally:
        output = kubectl("logs", name, check=False)
        kubectl("delete", "pod", name, "--wait=false")
    return output
