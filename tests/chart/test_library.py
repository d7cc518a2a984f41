"""What the charts share stands once, in charts/common."""

import re
import subprocess
from collections import defaultdict

import pytest
import yaml
from composition import HELM, ROOT

CHARTS = sorted(path.parent for path in ROOT.glob("charts/*/Chart.yaml"))
APPLICATIONS = [chart for chart in CHARTS if chart.name != "common"]


def defined(chart) -> list[str]:
    text = "".join(path.read_text() for path in sorted(chart.glob("templates/**/*.tpl")))
    return re.findall(r'\{\{-? define "([^"]+)"', text)


def test_no_template_is_defined_twice():
    names = [name for chart in [ROOT, *CHARTS] for name in defined(chart)]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("chart", APPLICATIONS, ids=lambda chart: chart.name)
def test_a_subchart_defines_templates_under_its_own_name_only(chart):
    assert [name for name in defined(chart) if not name.startswith(f"{chart.name}.")] == []


@pytest.mark.parametrize("chart", APPLICATIONS, ids=lambda chart: chart.name)
def test_a_subchart_by_itself_has_the_library_of_the_umbrella(chart):
    assert (chart / "charts/common").resolve() == ROOT / "charts/common"
    assert {"name": "common", "version": "0.1.0"} in yaml.safe_load((chart / "Chart.yaml").read_text())["dependencies"]


def copied(lines_together: int) -> dict[str, set[str]]:
    """Return lines in a row, without comments, that stand in templates of more than one chart, and in which."""
    found: dict[str, set[str]] = defaultdict(set)
    for chart in [ROOT, *CHARTS]:
        for path in chart.glob("templates/**/*.*"):
            stripped = [line.strip() for line in path.read_text().splitlines()]
            lines = [line for line in stripped if line and not line.startswith("#")]
            for start in range(len(lines) - lines_together + 1):
                found["\n".join(lines[start : start + lines_together])].add(chart.name)
    return {text: charts for text, charts in found.items() if len(charts) > 1}


def test_no_seven_lines_in_a_row_stand_in_two_charts():
    """What two charts need is a template of charts/common; six are the head of an object."""
    assert copied(7) == {}
    assert copied(4)


def test_the_package_holds_the_library_once(composition, tmp_path):
    done = subprocess.run([HELM, "package", ROOT, "-d", tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    listing = subprocess.run(
        ["tar", "tzf", next(tmp_path.glob("*.tgz"))], capture_output=True, text=True, check=True
    ).stdout
    assert [line for line in listing.splitlines() if line.endswith("common/templates/_pod.tpl")] == [
        "maestro/charts/common/templates/_pod.tpl"
    ]


def test_the_makefile_finds_every_suite():
    plan = subprocess.run(
        ["make", "--dry-run", "test-chart"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    (line,) = [line for line in plan.splitlines() if "helm-unittest charts" in line]
    assert set(line.split()[1:]) == {
        str(chart.relative_to(ROOT)) for chart in CHARTS if list(chart.glob("tests/*_test.yaml"))
    }
