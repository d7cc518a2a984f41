"""An empty key (`key:`) means its default, and a whole number stays one, in every chart."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from composition import ENVIRONMENTS, HELM, KUBERNETES_VERSIONS, ROOT, helm_template, rendered

SUBCHARTS = ("postgres", "statsd", "ingress", "featurestore", "mlflow")
# Below these the official chart's own schema refuses an empty key by its name; its bundled database is refused whole.
REFUSED_BY_THE_OFFICIAL_CHART = {
    "resources",
    "config",
    "emptyDirConfig",
    "annotations",
    "airflowPodAnnotations",
    "postgresql",
}
Path_ = tuple[str, ...]


def read(path: str) -> dict:
    return yaml.safe_load((ROOT / path).read_text())


def keys(tree: dict, path: Path_ = ()) -> Iterator[tuple[Path_, object]]:
    """Yield every key below with its value; not those inside a security context, which may be taken out one by one."""
    for key, value in tree.items():
        if "securitycontext" in key.lower():
            continue
        yield (*path, key), value
        if isinstance(value, dict):
            yield from keys(value, (*path, key))


def defaults() -> dict[Path_, object]:
    """Return what values.yaml has, and the subcharts' below their names."""
    found = dict(keys(read("values.yaml")))
    for chart in SUBCHARTS:
        found |= dict(keys(read(f"charts/{chart}/values.yaml"), (chart,)))
    # An item of these is removed by an empty key, as Helm does it.
    free = {("setup", "pools"), ("setup", "variables"), ("setup", "connections"), ("priorities",)}
    free |= {("pgbouncer", "settings")}
    found = {path: value for path, value in found.items() if path[:2] not in free or path in free}
    return {path: value for path, value in found.items() if not refused_by_the_official_chart(path)}


def refused_by_the_official_chart(path: Path_) -> bool:
    return path[0] == "airflow" and bool(REFUSED_BY_THE_OFFICIAL_CHART & set(path))


def environment_keys(environment: str) -> set[Path_]:
    return {path for file in ENVIRONMENTS[environment] for path, _ in keys(read(file))}


def emptied(paths: set[Path_]) -> dict:
    tree: dict = {}
    for path in sorted(paths, key=len, reverse=True):
        here = tree
        for key in path[:-1]:
            here = here.setdefault(key, {})
        here.setdefault(path[-1], None)
    return tree


def render_with(folder: Path, environment: str, values: dict) -> str:
    (folder / "values.yaml").write_text(yaml.safe_dump(values))
    files = [part for file in ENVIRONMENTS[environment] for part in ("-f", file)]
    result = helm_template("--kube-version", KUBERNETES_VERSIONS[-1], *files, "-f", str(folder / "values.yaml"))
    assert result.returncode == 0, result.stderr
    return result.stdout


def is_leaf(value: object) -> bool:
    return not isinstance(value, dict) or not value


def test_every_leaf_left_empty_has_its_default(environment, tmp_path):
    paths = {path for path, value in defaults().items() if is_leaf(value)} - environment_keys(environment)
    assert len(paths) > 300
    assert render_with(tmp_path, environment, emptied(paths)) == rendered(environment)


def test_every_mapping_left_empty_has_its_defaults(environment, tmp_path):
    """The whole of a subchart's, or of the chart's own; of the official chart only what has no defaults but ours."""
    taken = environment_keys(environment)
    mappings = {
        path
        for path, value in defaults().items()
        if not is_leaf(value) and path[0] != "airflow" and not any(key[: len(path)] == path for key in taken)
    }
    assert len(mappings) > 20
    outermost = {path for path in mappings if path[:-1] not in mappings}
    assert render_with(tmp_path, environment, emptied(outermost)) == rendered(environment)
    assert render_with(tmp_path, environment, emptied(mappings - outermost)) == rendered(environment)


def needed(path: Path_) -> bool:
    """Return a name without a default, or a choice that makes the environment what it is: left empty it is refused
    by name.
    """
    text = ".".join(path).lower()
    return bool(
        re.search(
            r"secret|host$|enabled$|executor|destination|\.uri$|issuer|environment\.|sets$|enabledefault|users|maxconnections",
            text,
        )
    )


def test_what_an_environment_sets_may_be_left_empty(environment, tmp_path):
    own = [read(file) for file in ENVIRONMENTS[environment]]
    leaves = {path for tree in own for path, value in keys(tree) if is_leaf(value) and not needed(path)}
    # Without a default of ours an empty key of the official chart means that chart's.
    leaves = {path for path in leaves if path in defaults()}
    assert len(leaves) > 10
    for tree in own:
        for path in leaves:
            here = tree
            for key in path[:-1]:
                here = here.get(key, {})
            here.pop(path[-1], None)
    paths = []
    for index, tree in enumerate(own):
        paths.append(tmp_path / f"{index}.yaml")
        paths[-1].write_text(yaml.safe_dump(tree))
    without = helm_template(
        "--kube-version", KUBERNETES_VERSIONS[-1], *(part for path in paths for part in ("-f", str(path)))
    )
    assert without.returncode == 0, without.stderr
    assert render_with(tmp_path, environment, emptied(leaves)) == without.stdout


@pytest.mark.parametrize("chart", SUBCHARTS)
def test_a_subchart_by_itself_has_its_defaults(composition, tmp_path, chart):
    named = {
        "postgres": ["auth.existingSecret=s"],
        "statsd": [],
        "ingress": ["host=a.example.com", "tls.existingSecret=s"],
        "featurestore": ["auth.existingSecret=s", "server.registry.existingSecret=s", "server.tokenSecret=s"],
        "mlflow": ["database.existingSecret=s"],
    }[chart]
    flags = [part for value in named for part in ("--set", value)]
    given = {tuple(value.split("=")[0].split(".")) for value in named}
    paths = {path for path, _ in keys(read(f"charts/{chart}/values.yaml"))}
    outermost = {path[:1] for path in paths} - {path[:1] for path in given}
    rest = {path for path in paths if path[:1] not in outermost and path not in given}
    rest = {path for path in rest if not any(name[: len(path)] == path for name in given)}
    (tmp_path / "empty.yaml").write_text(yaml.safe_dump(emptied(outermost | rest)))
    command = [HELM, "template", "r", ROOT / "charts" / chart, *flags]
    renders = [
        subprocess.run([*command, *extra], capture_output=True, text=True, check=False)
        for extra in ([], ["-f", tmp_path / "empty.yaml"])
    ]
    assert [render.returncode for render in renders] == [0, 0], renders[1].stderr
    assert renders[0].stdout
    assert renders[1].stdout == renders[0].stdout


def test_whole_numbers_stay_whole(environment, tmp_path):
    """YAML hands 1000000 over as floating point, which prints as 1e+06."""
    small = re.compile(
        "port|replica|slots|connections|workers|client_conn|pool_size|retention|budget|maxSkew", re.IGNORECASE
    )
    tree: dict = {}
    for path, value in defaults().items():
        if type(value) is int and not small.search(path[-1]) and path[0] != "airflow":
            here = tree
            for key in path[:-1]:
                here = here.setdefault(key, {})
            here[path[-1]] = 1000000
    # Mappings of free keys, some of which templates read back from text.
    tree["postgres"]["parameters"] = {"work_mem": 1000000}
    tree["pgbouncer"] = {"settings": {"query_timeout": 1000000}}
    tree["priorities"] = {"batch": {"value": 1000000}}
    tree["setup"] |= {"connections": {"outside": {"conn_type": "http", "extra": {"timeout": 1000000}}}}
    tree["resourceQuota"] = {"limits.memory": 1000000}
    tree["global"] = {"dagBundles": [{"name": "own", "classpath": "acme.Bundle", "kwargs": {"interval": 1000000}}]}
    tree["airflow"] = {"triggerer": {"terminationGracePeriodSeconds": 1000000}}
    text = render_with(tmp_path, environment, tree)
    assert text.count("1000000") > 10
    assert re.findall(r".*\b\d(?:\.\d+)?e\+\d\d.*", text) == []


def test_a_setting_of_pgbouncer_that_is_empty_is_removed(composition, tmp_path):
    """As its comment says: a PgBouncer older than 1.21 ends where it finds max_prepared_statements."""
    text = render_with(tmp_path, "prod", {"pgbouncer": {"settings": {"max_prepared_statements": None}}})
    assert "default_pool_size = 20" in text
    assert "max_prepared_statements" not in text


def test_no_template_of_a_subchart_repeats_a_number_of_the_values():
    """An empty key has its default before a template reads it: a second one could only be another."""
    repeated = {
        (template.name, path)
        for chart in SUBCHARTS
        for template in (ROOT / "charts" / chart / "templates").rglob("*.yaml")
        for path, _ in re.findall(r"\.Values\.([\w.]+) \| default (\d+)", template.read_text())
    }
    assert repeated == set()
