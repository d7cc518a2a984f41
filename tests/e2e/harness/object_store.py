"""MinIO in the cluster: the bucket of the tests that need one."""

import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

from harness.forward import Forward
from harness.kubectl import Kubectl

NAMESPACE, BUCKET, PORT = "maestro-e2e-s3", "maestro", 9000
ENDPOINT = f"http://minio.{NAMESPACE}:{PORT}"
IMAGE = "quay.io/minio/minio:RELEASE.2026-02-12"
_LABELS = {"app": "minio"}


class ObjectStore:
    """One bucket, made when it is not there; its content goes with the namespace."""

    def __init__(self) -> None:
        self.kubectl = Kubectl(NAMESPACE)

    def start(self) -> None:
        self.kubectl("create", "namespace", NAMESPACE, check=False)
        if not self.kubectl("get", "deployment", "minio", "--ignore-not-found"):
            keys = {"MINIO_ROOT_USER": "maestro", "MINIO_ROOT_PASSWORD": secrets.token_hex(16)}
            self.kubectl.apply(
                {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "minio"}, "stringData": keys},
                _service(),
                _deployment(),
            )
        self.kubectl("rollout", "status", "deployment/minio", "--timeout=180s")

    def stop(self) -> None:
        self.kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait=true")

    def credentials(self) -> dict[str, str]:
        """Return the usual variables, with the endpoint as pods see it."""
        keys = self.kubectl.secret("minio")
        return {
            "AWS_ACCESS_KEY_ID": keys["MINIO_ROOT_USER"],
            "AWS_SECRET_ACCESS_KEY": keys["MINIO_ROOT_PASSWORD"],
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": ENDPOINT,
        }

    def forward(self) -> Forward:
        return Forward(NAMESPACE, "service/minio", PORT)

    def client(self, forward: Forward) -> Any:
        """Return a boto3 client through the forwarded port."""
        import boto3

        keys = self.credentials()
        return boto3.client(
            "s3",
            endpoint_url=forward.url,
            aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
            region_name=keys["AWS_DEFAULT_REGION"],
        )

    def fill(self) -> None:
        """Fill the bucket with the data of the flights project."""
        with self.forward() as forward:
            client = self.client(forward)
            if BUCKET in {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}:
                return
            client.create_bucket(Bucket=BUCKET)
            environment = os.environ | self.credentials() | {"AWS_ENDPOINT_URL": forward.url}
            command = [str(Path(sys.executable).with_name("maestro")), "demo", "--prepare", f"s3://{BUCKET}"]
            subprocess.run(command, env=environment, check=True, capture_output=True, text=True)

    def keys(self, prefix: str) -> list[str]:
        with self.forward() as forward:
            pages = self.client(forward).get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
            return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    def read(self, key: str) -> bytes:
        with self.forward() as forward:
            return bytes(self.client(forward).get_object(Bucket=BUCKET, Key=key)["Body"].read())

    def write(self, key: str, body: bytes) -> None:
        with self.forward() as forward:
            self.client(forward).put_object(Bucket=BUCKET, Key=key, Body=body)


def _service() -> dict[str, Any]:
    spec = {"selector": _LABELS, "ports": [{"port": PORT}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "minio"}, "spec": spec}


def _deployment() -> dict[str, Any]:
    container = {
        "name": "minio",
        "image": IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "args": ["server", "/data"],
        "envFrom": [{"secretRef": {"name": "minio"}}],
        "env": [{"name": "HOME", "value": "/data"}],
        "readinessProbe": {"httpGet": {"path": "/minio/health/ready", "port": PORT}},
        "volumeMounts": [{"name": "data", "mountPath": "/data"}],
        "resources": {"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"cpu": "1", "memory": "1Gi"}},
    }
    pod = {
        "automountServiceAccountToken": False,
        "securityContext": {"runAsUser": 1000, "runAsNonRoot": True, "fsGroup": 1000},
        "containers": [container],
        "volumes": [{"name": "data", "emptyDir": {"sizeLimit": "4Gi"}}],
    }
    spec = {"selector": {"matchLabels": _LABELS}, "template": {"metadata": {"labels": _LABELS}, "spec": pod}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "minio"}, "spec": spec}
