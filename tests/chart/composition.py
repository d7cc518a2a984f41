"""The umbrella with every subchart, rendered once per values file and Kubernetes version.

Needs `make deps`: Helm in .tools/, the official chart's archive in charts/.
"""

import functools
import subprocess
from pathlib import Path

import kubernetes_validate.utils
from manifests import Manifests, load

ROOT = Path(__file__).parents[2]
HELM = ROOT / ".tools/helm"
RELEASE, NAMESPACE = "maestro", "ml"
# The oldest Kubernetes the chart claims (kubeVersion), one between, and the one the end-to-end tests run on.
KUBERNETES_VERSIONS = ("1.30", "1.33", "1.36")
ENVIRONMENTS = {
    "minikube": ["values/minikube.yaml"],
    "prod": ["values/prod.yaml", "ci/prod-values.yaml"],
}
# What the tests of all objects look at: the environments, and one that leaves no template out.
RENDERS = ENVIRONMENTS | {"full": [*ENVIRONMENTS["prod"], "tests/chart/fixtures/full.yaml"]}
CUSTOM_APIS = ["monitoring.coreos.com/v1", "gateway.networking.k8s.io/v1", "external-secrets.io/v1"]

# Reads its file of definitions (megabytes) again for every object otherwise.
kubernetes_validate.utils.schema_contents = functools.cache(kubernetes_validate.utils.schema_contents)


def archive_missing() -> str:
    """Return why the composition cannot be rendered; empty when it can."""
    if not HELM.exists():
        return "Helm is not in .tools/: run `make deps`"
    archive = (ROOT / "ci/charts.sha256").read_text().split()[1]
    if not (ROOT / "charts" / archive).exists():
        return f"charts/{archive} is missing: run `make deps`, without a network put it into ~/.cache/maestro/charts"
    return ""


def template_command(*arguments: str) -> list[str]:
    apis = [part for api in CUSTOM_APIS for part in ("--api-versions", api)]
    return [str(HELM), "template", RELEASE, ".", "--namespace", NAMESPACE, *apis, *arguments]


def helm_template(*arguments: str) -> subprocess.CompletedProcess:
    """Run `helm template` of this chart; the caller looks at the exit code."""
    return subprocess.run(template_command(*arguments), cwd=ROOT, capture_output=True, text=True, check=False)


def prod_with(file: str, *settings: str) -> subprocess.CompletedProcess:
    """Return production with one more file and with single values set; the caller looks at the exit code."""
    files = [part for path in (*ENVIRONMENTS["prod"], file) for part in ("-f", path)]
    return helm_template(*files, *(part for setting in settings for part in ("--set", setting)))


def loaded_with(file: str) -> Manifests:
    """Return the objects of production with one more file."""
    result = prod_with(file)
    assert result.returncode == 0, result.stderr
    return load(result.stdout)


@functools.cache
def rendered(environment: str, kubernetes: str = KUBERNETES_VERSIONS[-1]) -> str:
    files = [part for file in RENDERS[environment] for part in ("-f", file)]
    result = helm_template("--kube-version", kubernetes, *files)
    assert result.returncode == 0, result.stderr
    return result.stdout


@functools.cache
def loaded(environment: str, kubernetes: str = KUBERNETES_VERSIONS[-1]) -> Manifests:
    return load(rendered(environment, kubernetes))


def refusal(environment: str, *extra: str) -> str:
    files = [part for file in ENVIRONMENTS[environment] for part in ("-f", file)]
    result = helm_template(*files, *extra)
    assert result.returncode != 0, "these values were accepted"
    return result.stderr
