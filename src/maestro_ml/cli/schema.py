"""`maestro schema`: the JSON schema of maestro.yaml, for editors, or of report.json, for programs."""

import json
import sys
from typing import Annotated

import typer

from maestro_ml.project import Project
from maestro_ml.validation.report.model import report_schema


def schema(
    report: Annotated[
        bool, typer.Option("--report", help="Print the schema of report.json instead, which `validate` writes.")
    ] = False,
) -> None:
    """Print the JSON schema of maestro.yaml, for editors."""
    schema = report_schema() if report else Project.model_json_schema(by_alias=True)
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    sys.stdout.write(json.dumps(dialect | schema, indent=2) + "\n")
