import pytest
from composition import KUBERNETES_VERSIONS, loaded
from manifests import identity, load
from schema_errors import errors


@pytest.mark.parametrize("kubernetes", KUBERNETES_VERSIONS)
def test_every_object_is_valid(environment, kubernetes):
    documents = loaded(environment, kubernetes)
    assert len(documents) > 40
    assert list(errors(documents, kubernetes)) == []


def test_a_wrong_field_is_found():
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"prots": []}}
    assert len(list(errors([service], KUBERNETES_VERSIONS[0]))) == 1


def test_a_word_that_the_api_server_does_not_know_is_found():
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": {"restartPolicy": "Often"}}
    pod["spec"]["containers"] = [{"name": "x", "image": "x"}]
    [problem] = errors([pod], KUBERNETES_VERSIONS[0])
    assert "'Often' is none of" in problem


def test_a_field_that_an_operator_does_not_know_is_found():
    monitor = {"kind": "ServiceMonitor", "metadata": {"name": "x"}, "spec": {"endpoints": [{"intervalz": "30s"}]}}
    [problem] = errors([monitor], KUBERNETES_VERSIONS[0])
    assert "spec.endpoints.intervalz is no field" in problem


def test_a_key_written_twice_is_found():
    with pytest.raises(Exception, match="duplicate keys"):
        load("a: 1\nb: 2\na: 3\n")


def test_no_two_objects_share_a_name(manifests):
    names = [identity(document) for document in manifests]
    assert sorted(names) == sorted(set(names))
