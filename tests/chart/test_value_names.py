"""Every value that a template reads is in the values file of its chart: a misspelled key there is never read."""

import json
import re
from functools import reduce
from pathlib import Path

import pytest
import yaml
from composition import ROOT

UMBRELLA = yaml.safe_load((ROOT / "values.yaml").read_text())
SUBCHARTS = {
    path.parent.name: yaml.safe_load(path.read_text()) | UMBRELLA[path.parent.name]
    for path in ROOT.glob("charts/*/values.yaml")
}
FILES = ("templates/**/*.*", "charts/*/templates/**/*.*", "charts/*/files/**/*.*")
# Called with the context of the official chart.
OFFICIAL = {"dagProcessor.dagBundleConfigList"}


def read_in(path: Path) -> set[tuple[str, ...]]:
    """Return the values that a template reads of its own chart, by their keys, but those of the official chart."""
    text = re.sub(r" \| default (dict|list)\)", ")", path.read_text())
    text = re.sub(r"\(([$\w.]*\.Values\.[\w.]+)\)(?=\.)", r"\1", text)
    found = {name.strip(".") for name in re.findall(r"\.Values\.([\w.]+)", text)} - OFFICIAL
    return {tuple(name.split(".")) for name in found if not name.startswith("airflow.")}


def unknown(keys: tuple[str, ...], values: dict) -> bool:
    """Return whether a mapping with keys of its own lacks one: what an empty one holds is the user's."""
    for key in keys:
        if not isinstance(values, dict) or not values:
            return False
        if key not in values:
            return True
        values = values[key]
    return False


@pytest.mark.parametrize("chart", ["", *sorted(SUBCHARTS)])
def test_every_value_that_a_template_reads_is_in_the_values_file(chart):
    values = SUBCHARTS[chart] | {"global": UMBRELLA["global"]} if chart else UMBRELLA | SUBCHARTS
    paths = [path for pattern in FILES for path in ROOT.glob(pattern)]
    own = [path for path in paths if path.relative_to(ROOT).parts[:2] == ("charts", chart)]
    own = own if chart else [path for path in paths if path.relative_to(ROOT).parts[0] == "templates"]
    read = {(path.name, keys) for path in own for keys in read_in(path)}
    assert len(read) > 10
    assert {(file, ".".join(keys)) for file, keys in read if unknown(keys, values)} == set()


def test_a_key_that_is_misspelled_is_found():
    assert unknown(("global", "tls", "caSecret"), {"global": {"tlz": {}}})
    assert not unknown(("global", "tls", "caSecret"), {"global": {"tls": {}}})


@pytest.mark.parametrize("chart", ["", *sorted(SUBCHARTS)])
def test_what_fills_in_an_empty_key_is_the_default_of_the_values_file(chart):
    folder = ROOT / "charts" / chart if chart else ROOT
    values = yaml.safe_load((folder / "values.yaml").read_text())
    filled = json.loads((folder / "files/defaults.json").read_text())
    assert len(filled) > 20
    for path, default in filled.items():
        there = reduce(lambda node, key: (node or {}).get(key, "is not there"), path.split("."), values)
        assert there == default, path
