"""One set of values makes a Redis outside the broker and the online store; what is rendered reaches a real one."""

import subprocess
import sys
from types import SimpleNamespace

import pytest
from composition import RELEASE, ROOT, helm_template
from local_servers import a_port, program, started
from manifests import load

PASSWORD = "p@ss/word:1"
QUOTED = "p%40ss%2Fword%3A1"
FILES = ("values/prod.yaml", "ci/prod-values.yaml", "ci/examples/external-redis.yaml")
sys.path.append(str(ROOT / "ci/images/probes"))


def rendered(*settings):
    files = [part for file in FILES for part in ("-f", file)]
    return helm_template(*files, *(part for setting in settings for part in ("--set", setting)))


@pytest.fixture(scope="module")
def manifests(composition):
    result = rendered("externalRedis.host=localhost")
    assert result.returncode == 0, result.stderr
    return load(result.stdout)


def online_store(manifests):
    """Return what the feature server is given, without the password."""
    [container] = manifests.named("Deployment", f"{RELEASE}-featurestore")["spec"]["template"]["spec"]["containers"]
    return next(each["value"] for each in container["env"] if each["name"] == "FEAST_ONLINE_STORE")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Provide a Redis with TLS only, for localhost, where `maestro` has a password and the default user may do
    nothing.
    """
    folder, port = tmp_path_factory.mktemp("redis"), a_port()
    for name in ("tls", "other"):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost", "-keyout", f"{name}.key", "-out", f"{name}.crt"],
            check=True, capture_output=True, cwd=folder,
        )  # fmt: skip
    (folder / "users.acl").write_text(f"user default off\nuser maestro on >{PASSWORD} ~* &* +@all\n")
    process = started(
        [program("redis-server"), "--port", "0", "--tls-port", str(port), "--bind", "127.0.0.1", "--save", "",
         "--tls-cert-file", "tls.crt", "--tls-key-file", "tls.key", "--tls-ca-cert-file", "tls.crt",
         "--tls-auth-clients", "no", "--aclfile", str(folder / "users.acl")],
        port, cwd=folder,
    )  # fmt: skip
    yield SimpleNamespace(port=port, authority=folder / "tls.crt", other=folder / "other.crt")
    process.terminate()
    process.wait()


def test_the_online_store_is_reached_with_user_password_and_authority(manifests, server):
    pytest.importorskip("feast", reason="make install")
    import redis
    from feast.infra.online_stores.redis import RedisOnlineStore, RedisOnlineStoreConfig

    def ping(authority, password=PASSWORD):
        text = online_store(manifests).replace("$(REDIS_PASSWORD)", password).replace(":6380", f":{server.port}")
        text = text.replace("/etc/maestro/ca/ca.crt", str(authority))
        return RedisOnlineStore()._get_client(RedisOnlineStoreConfig(connection_string=text)).ping()

    assert ping(server.authority) is True
    with pytest.raises(redis.AuthenticationError):
        ping(server.authority, "wrong")
    with pytest.raises(redis.ConnectionError, match="certificate verify failed"):
        ping(server.other)


def broker(server, authority, password=QUOTED):
    """Return the URL that docs/chart/external-redis.md has for the broker's Secret."""
    page = (ROOT / "docs/chart/external-redis.md").read_text()
    [url] = [line.strip() for line in page.splitlines() if line.strip().startswith("rediss://")]
    url = url.replace("PASSWORD", password).replace("redis.example.com:6380", f"localhost:{server.port}")
    return url.replace("/etc/maestro/ca/ca.crt", str(authority))


def test_celery_reaches_the_broker(server):
    import kombu

    with kombu.Connection(broker(server, server.authority)) as connection:
        queue = connection.SimpleQueue("q")
        queue.put({"a": 1})
        assert queue.get(timeout=120).payload == {"a": 1}
        queue.close()
    for url in (broker(server, server.other), broker(server, server.authority, "wrong")):
        with pytest.raises(kombu.exceptions.OperationalError), kombu.Connection(url) as connection:
            connection.ensure_connection(max_retries=1, timeout=5)


def test_the_probe_of_workers_reaches_the_broker(server):
    import ssl

    from redis_wire import Redis, RedisError

    with Redis(broker(server, server.authority), timeout=120) as redis:
        assert redis("PING") == "PONG"
    with pytest.raises(ssl.SSLCertVerificationError):
        Redis(broker(server, server.other), timeout=10)
    with pytest.raises(RedisError, match="WRONGPASS"):
        Redis(broker(server, server.authority, "wrong"), timeout=10)


def test_only_the_port_of_the_values_is_opened(manifests):
    opened = {}
    for policy in manifests.of("NetworkPolicy"):
        rules = [rule for rule in policy["spec"].get("egress") or [] if "to" not in rule]
        opened[policy["metadata"]["name"]] = {port["port"] for rule in rules for port in rule["ports"]}
    for component in ("scheduler", "worker", "flower", "training", "feature-server"):
        assert 6380 in opened[f"{RELEASE}-{component}"], component
        assert 6379 not in opened[f"{RELEASE}-{component}"], component
    assert 6380 not in opened[f"{RELEASE}-api-server"]


def test_without_a_bundle_the_authorities_of_the_image_count():
    text = online_store(load(rendered("global.caBundle.configMapName=", "externalRedis.username=").stdout))
    assert text == "redis.example.com:6380,db=1,ssl=true,password=$(REDIS_PASSWORD)"


@pytest.mark.parametrize("key", ["airflow.redis.enabled", "featurestore.redis.enabled"])
def test_a_redis_of_ours_beside_it_is_refused(key):
    result = rendered(f"{key}=true")
    assert result.returncode != 0
    assert f"{key} starts another" in result.stderr


def test_nothing_of_the_release_runs_a_redis(manifests):
    assert not [name for name in manifests.pods if "redis" in name]
    assert "featurestore-redis" not in str(list(manifests.of("Deployment")))
