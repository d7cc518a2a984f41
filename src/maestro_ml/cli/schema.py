"""`maestro schema`: the JSON schema of maestro.yaml, for editors."""

import json
import sys

from maestro_ml.project import Project


def command() -> None:
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Project.model_json_schema(by_alias=True)}
    sys.stdout.write(json.dumps(schema, indent=2) + "\n")


command.__name__, command.__doc__ = "schema", "Print the JSON schema of maestro.yaml, for editors."
