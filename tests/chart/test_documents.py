"""The figures and addresses in the documents are those of the rendered chart."""

import re
import sys

import measure
import pytest
from composition import ENVIRONMENTS, ROOT, helm_template
from manifests import load
from quantities import quantity

sys.path.insert(0, str(ROOT / "ci"))
import values_reference


def rows(text: str) -> dict[str, list[str]]:
    """Return the tables of a page: the cells of each row by its first."""
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")
    ]
    return {first: rest for first, *rest in cells}


def test_the_comparison_counts_what_is_rendered(composition):
    assert measure.PAGE.read_text() == measure.page(), "run `make chart-reference`"


def mebibytes(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+) (Mi|GiB)", text).groups()
    return float(number) * {"Mi": 1, "GiB": 1024}[unit]


@pytest.mark.parametrize(
    ("row", "parts"),
    [
        ("API server", ["airflow-api-server"]),
        ("scheduler, which runs the tasks", ["airflow-scheduler/scheduler$"]),
        ("DAG processor", ["airflow-dag-processor"]),
        ("triggerer", ["airflow-triggerer"]),
        ("PostgreSQL, Redis, feature server, MLflow, exporter", ["postgres", "featurestore", "mlflow", "statsd"]),
        ("all", [""]),
    ],
)
def test_a_laptop_needs_what_the_page_says(minikube, row, parts):
    cpu, memory, *_ = rows((ROOT / "docs/chart.md").read_text())[row]
    asked = [
        c
        for c in minikube.containers
        if not c.init
        and c.owner.split("/")[0] in {"Deployment", "StatefulSet"}
        and any(re.search(part, c.name) for part in parts)
    ]
    assert sum(quantity(c.spec["resources"]["requests"]["cpu"]) for c in asked) == pytest.approx(float(cpu), abs=0.006)
    assert sum(quantity(c.spec["resources"]["requests"]["memory"]) for c in asked) == pytest.approx(
        mebibytes(memory), rel=0.02
    )


def test_every_required_secret_stands_in_the_page(composition):
    """The table of Secrets names each value that `helm template` asks for."""
    message = helm_template("-f", "values/prod.yaml").stderr
    wanted = dict(re.findall(r"- (\S+): a Secret with the keys? (.+)", message))
    page = (ROOT / "docs/chart.md").read_text()
    for path, keys in wanted.items():
        short = re.sub(r"^setup\.users\[\d\]", "setup.users[]", path).removesuffix(".name").split(".")[-1]
        assert short in page, f"{path} is not in docs/chart.md"
        for key in keys.split(", "):
            assert f"`{key}`" in page or "password" in path.lower(), f"{key} of {path} is not in docs/chart.md"


def test_the_runbook_of_every_alert_exists(prod):
    (rules,) = load_rules()
    links = {
        rule["annotations"]["runbook_url"]
        for group in rules["spec"]["groups"]
        for rule in group["rules"]
        if "alert" in rule
    }
    assert links
    assert {link for link in links if not (ROOT / link[link.index("docs/") :]).exists()} == set()


def load_rules() -> list[dict]:
    files = [part for file in ENVIRONMENTS["prod"] for part in ("-f", file)]
    return load(helm_template(*files, "--set", "statsd.prometheusRule.enabled=true").stdout).of("PrometheusRule")


def test_every_link_of_the_pages_about_the_chart_leads_somewhere():
    for page in [
        ROOT / "README.md",
        ROOT / "UPGRADE.md",
        *(ROOT / "docs").glob("chart*.md"),
        *(ROOT / "docs/chart").glob("*.md"),
        *(ROOT / "docs/runbooks").glob("*.md"),
    ]:
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
            assert "://" in link or (page.parent / link).exists(), f"{page.name} links to {link}"


def test_every_target_of_make_in_the_pages_exists():
    targets = set(re.findall(r"^([a-z][\w-]*)(?: [a-z][\w -]*)?:", (ROOT / "Makefile").read_text(), re.MULTILINE))
    targets |= {
        name
        for line in re.findall(r"^([a-z][a-z -]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        for name in line.split()
    }
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("chart*.md"), *(ROOT / "docs/chart").glob("*.md")]:
        for name in re.findall(r"`make ([a-z][a-z0-9-]*)", page.read_text()):
            assert name in targets, f"{page.name} names make {name}"


def free_and_all(values: list, free: set[str], every: set[str], start: str = "") -> None:
    """Collect every path of the values, and those below which anything may stand."""
    for value in values:
        path = start + ".".join(value.path)
        every.add(path)
        if value.children:
            free_and_all(value.children, free, every, start)
        elif not value.extra.get("subchart"):
            free.add(path)


def unknown(text: str, free: set[str], every: set[str]) -> set[str]:
    """Return the values that a page names and no chart of ours has."""
    tops = "|".join(sorted({path.split(".")[0] for path in every} - {"airflow"}))
    found = set(re.findall(rf"`((?:{tops})(?:\.[a-zA-Z]\w*)+)`", text))
    return {path for path in found - every if not any(path.startswith(f"{start}.") for start in free)}


def test_every_value_in_the_pages_exists():
    """A page that names `mlflow.artifacts.s3.endpoint` when the key is `endpointUrl` misleads: --set refuses it."""
    free: set[str] = set()
    every: set[str] = set()
    free_and_all(values_reference.values_of(ROOT), free, every)
    for chart in values_reference.CHARTS[1:]:
        free_and_all(values_reference.values_of(chart), free, every, f"{chart.name}.")
    assert len(every) > 300
    docs = ROOT / "docs"
    pages = [ROOT / "UPGRADE.md", *docs.glob("chart*.md"), *docs.glob("*cluster*.md")]
    pages += [*docs.glob("chart/*.md"), *docs.glob("runbooks/*.md")]
    found = set().union(*(unknown(page.read_text(), free, every) for page in pages))
    assert found - {"mlflow.server.auth.client"} == set()  # a module of MLflow's
    assert unknown("`mlflow.artifacts.s3.endpoint`", free, every) == {"mlflow.artifacts.s3.endpoint"}
