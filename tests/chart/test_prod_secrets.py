"""ci/prod-secrets with a kubectl that remembers: applied twice, and before the install."""

import base64
import json
import os
import shutil
import stat
import subprocess
import sys
from importlib.machinery import SourceFileLoader

import pytest
import sqlalchemy
import yaml
from composition import ROOT
from hypothesis import given
from hypothesis import strategies as st

SCRIPT = ROOT / "ci/prod-secrets"
prod_secrets = SourceFileLoader("prod_secrets", str(SCRIPT)).load_module()
# Answers `get secrets` from a file, as a cluster would.
KUBECTL = """#!/bin/sh
[ -z "$REFUSES" ] || { echo "$REFUSES" >&2; exit 1; }
cat "$STATE"
"""
PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40)


def encoded(value):
    return base64.b64encode(value.encode()).decode()


@pytest.fixture
def cluster(tmp_path):
    """Run the script beside a cluster; returns exit code, documents and messages."""
    kubectl, state = tmp_path / "kubectl", tmp_path / "state.json"
    kubectl.write_text(KUBECTL)
    kubectl.chmod(kubectl.stat().st_mode | stat.S_IXUSR)
    state.write_text(json.dumps({"items": []}))
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "openssl").symlink_to(shutil.which("openssl"))

    def run(*arguments, path=str(tmp_path), refuses=""):
        environment = {"PATH": f"{path}:{programs}:{os.defpath}", "STATE": str(state), "REFUSES": refuses}
        command = [sys.executable, SCRIPT, "--namespace", "ml", *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        return done.returncode, list(yaml.safe_load_all(done.stdout)), done.stderr

    def apply(documents, but=()):
        """Set what the cluster has then."""
        made = [d for d in documents if d["kind"] == "Secret" and d["metadata"]["namespace"] == "ml"]
        items = [
            {"metadata": d["metadata"], "data": {key: encoded(value) for key, value in d["stringData"].items()}}
            for d in made
            if d["metadata"]["name"] not in but
        ]
        state.write_text(json.dumps({"items": items}))

    run.apply = apply
    return run


def test_applied_again_it_changes_nothing(cluster):
    code, first, _ = cluster()
    assert code == 0
    cluster.apply(first)
    assert cluster()[1] == first


def test_a_secret_that_was_lost_is_made_again_for_the_passwords_that_are_in_use(cluster):
    _, first, _ = cluster()
    cluster.apply(first, but=("maestro-pgbouncer", "maestro-airflow"))
    again = {(d["metadata"]["name"], d["metadata"].get("namespace")): d.get("stringData") for d in cluster()[1]}
    before = {(d["metadata"]["name"], d["metadata"].get("namespace")): d.get("stringData") for d in first}
    assert again["maestro-pgbouncer", "ml"] == before["maestro-pgbouncer", "ml"]
    assert again["maestro-airflow", "ml"]["connection"] == before["maestro-airflow", "ml"]["connection"]
    assert again["maestro-airflow", "ml"]["fernet-key"] != before["maestro-airflow", "ml"]["fernet-key"]


def test_keys_of_a_bucket_that_are_given_replace_those_that_are_there(cluster):
    cluster.apply(cluster("--s3-key", "old", "--s3-secret", "old", "--s3-endpoint", "http://minio")[1])
    environments = [d for d in cluster("--s3-key", "new")[1] if d["metadata"]["name"] == "maestro-environment"]
    assert {d["metadata"]["namespace"] for d in environments} == {"ml", "ml-training"}
    for document in environments:
        data = document["stringData"]
        assert (data["AWS_ACCESS_KEY_ID"], data["AWS_SECRET_ACCESS_KEY"]) == ("new", "old")
        assert data["AWS_ENDPOINT_URL"] == "http://minio"


def test_secrets_that_may_not_be_read_are_not_replaced(cluster):
    code, documents, said = cluster(refuses='Error from server (Forbidden): secrets is forbidden: User "x" cannot list')
    assert (code, documents) == (3, [])
    assert "Secrets of ml may exist and cannot be read" in said


@pytest.mark.parametrize("nobody", [{"refuses": "The connection to the server was refused"}, {"path": "/nowhere"}])
def test_without_a_cluster_it_prints_new_passwords_and_says_so(cluster, nobody, monkeypatch):
    monkeypatch.setattr(os, "defpath", "/nowhere")
    code, documents, said = cluster(**nobody)
    assert code == 0
    assert "every password is new" in said
    assert documents != cluster(**nobody)[1]


def test_offline_it_asks_nobody(cluster):
    code, documents, _ = cluster("--offline", path="/nowhere")
    assert code == 0
    assert documents != cluster("--offline", path="/nowhere")[1]


def test_both_namespaces_come_first_and_helm_may_take_over_the_one_the_chart_makes(cluster):
    _, documents, _ = cluster("--release", "r")
    release, training, *secrets = documents
    assert {document["kind"] for document in secrets} == {"Secret"}
    assert release["metadata"] == {"name": "ml"}
    assert training["metadata"] == {
        "name": "ml-training",
        "labels": {"app.kubernetes.io/managed-by": "Helm"},
        "annotations": {"meta.helm.sh/release-name": "r", "meta.helm.sh/release-namespace": "ml"},
    }


@given(PRINTABLE, PRINTABLE)
def test_connection_strings_hold_whatever_password_is_in_use(airflow, broker):
    existing = {
        "maestro-postgres": {"airflow-password": airflow, "feast-password": airflow},
        "maestro-broker": {"password": broker},
    }
    made = prod_secrets.build(prod_secrets.Draw(existing), "r", "ml", "", "", "")
    for url in (
        made["maestro-airflow"]["connection"],
        made["maestro-result-backend"]["connection"].removeprefix("db+"),
        made["maestro-pgbouncer"]["connection"],
        made["maestro-environment"]["FEAST_REGISTRY"],
    ):
        assert sqlalchemy.make_url(url).password == airflow
    assert sqlalchemy.make_url(made["maestro-broker"]["connection"]).password == broker
    # PgBouncer: a quote in a value is written twice.
    assert made["maestro-pgbouncer"]["users.txt"].split(" ", 1)[1].strip("\n")[1:-1].replace('""', '"') == airflow


def test_what_it_draws_needs_no_quoting_anywhere(cluster):
    _, documents, _ = cluster()
    for document in documents[2:]:
        for key, value in document["stringData"].items():
            assert not value.startswith("-") or value.startswith("-----BEGIN "), key
            if key.endswith("password"):
                assert value.isalnum(), key


def test_each_server_has_a_certificate_for_the_names_of_its_service(cluster, tmp_path, prod):
    """Of the authority that every client has, and with the key that belongs to it."""
    _, documents, _ = cluster("--release", "maestro")
    made = {(d["metadata"]["namespace"], d["metadata"]["name"]): d["stringData"] for d in documents[2:]}
    assert made["ml", "maestro-ca"] == made["ml-training", "maestro-ca"]
    assert set(made["ml", "maestro-ca"]) == {"ca.crt"}
    (tmp_path / "ca.crt").write_text(made["ml", "maestro-ca"]["ca.crt"])
    services = {
        "maestro-postgres-tls": "maestro-postgres",
        "maestro-pgbouncer-tls": "maestro-airflow-pgbouncer",
        "maestro-online-store-tls": "maestro-featurestore-redis",
    }
    for secret, service in services.items():
        assert prod.named("Service", service)
        for key, value in made["ml", secret].items():
            (tmp_path / key).write_text(value)
        for name in (service, f"{service}.ml", f"{service}.ml.svc", f"{service}.ml.svc.cluster.local"):
            checked = ["openssl", "verify", "-CAfile", "ca.crt", "-verify_hostname", name, "tls.crt"]
            assert subprocess.run(checked, cwd=tmp_path, capture_output=True, check=False).returncode == 0, name
        other = ["openssl", "verify", "-CAfile", "ca.crt", "-verify_hostname", "other.ml", "tls.crt"]
        assert subprocess.run(other, cwd=tmp_path, capture_output=True, check=False).returncode != 0
        keys = [
            ["openssl", "x509", "-in", "tls.crt", "-pubkey", "-noout"],
            ["openssl", "pkey", "-in", "tls.key", "-pubout"],
        ]
        assert len({subprocess.run(of, cwd=tmp_path, capture_output=True, check=True).stdout for of in keys}) == 1


def test_a_certificate_that_was_lost_makes_all_anew(cluster):
    _, first, _ = cluster()
    cluster.apply(first, but=("maestro-pgbouncer-tls",))

    def of(documents, name):
        return next(d["stringData"] for d in documents if d["metadata"]["name"] == name)

    again = cluster()[1]
    assert of(again, "maestro-ca") != of(first, "maestro-ca")
    assert of(again, "maestro-postgres-tls") != of(first, "maestro-postgres-tls")
