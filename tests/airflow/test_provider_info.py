"""The provider entry point, against the schema that ships with Airflow."""

import json
from importlib import import_module, resources
from importlib.metadata import entry_points

import jsonschema

from maestro_ml.airflow.provider_info import get_provider_info


def dotted_paths():
    info = get_provider_info()
    for part in ("operators", "hooks", "bundles"):
        for entry in info[part]:
            yield from entry["python-modules"]
    yield from info["notifications"]
    for connection in info["connection-types"]:
        yield connection["hook-class-name"]


def test_it_is_valid_against_airflows_schema():
    schema = json.loads(resources.files("airflow").joinpath("provider_info.schema.json").read_text())
    jsonschema.validate(get_provider_info(), schema)


def test_the_entry_point_leads_to_it():
    (entry,) = (e for e in entry_points(group="apache_airflow_provider") if e.value.startswith("maestro_ml."))
    assert entry.load()() == get_provider_info()


def test_every_dotted_path_imports():
    for path in dotted_paths():
        try:
            import_module(path)
        except ModuleNotFoundError:
            module, name = path.rsplit(".", 1)
            assert hasattr(import_module(module), name), path
