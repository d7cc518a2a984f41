"""What a pod is called where addresses are IPv6: the log of a running task is fetched by that name."""

import socket
from urllib.parse import urlsplit

import pytest

from maestro_ml.airflow.pod_address import ipv6_address


@pytest.mark.parametrize(("name", "address"), [("::1", "::1"), ("fe80::1%lo", "fe80::1"), ("fd00:0::9", "fd00::9")])
def test_the_address_can_stand_in_a_url(monkeypatch, name, address):
    monkeypatch.setattr(socket, "gethostname", lambda: name)
    assert ipv6_address() == f"[{address}]"
    assert urlsplit(f"http://{ipv6_address()}:8793/log/a").hostname == address


def test_a_host_without_such_an_address_is_an_error(monkeypatch):
    monkeypatch.setattr(socket, "gethostname", lambda: "127.0.0.1")
    with pytest.raises(OSError, match=r"family|Name|address"):
        ipv6_address()
