"""The checks of one dataset, schema and quality, judged: what Maestro's process is in the benchmark.

    python bench/one_validation.py PROJECT END [CHECK...]

It fails unless exactly these checks are violated; without one, the data must pass.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from maestro_ml.project import Window, load_project
from maestro_ml.tables import open_dataset
from maestro_ml.validation.context import ValidationContext
from maestro_ml.validation.prefetch import prefetch_aggregates
from maestro_ml.validation.quality import quality_findings
from maestro_ml.validation.schema import schema_findings

folder, moment, *expected = sys.argv[1:]
project = load_project(Path(folder))
end = datetime.fromisoformat(moment)
window = Window(end - project.datasets["table"].window, end)
with open_dataset(project, "table") as dataset:
    context = ValidationContext(dataset, window, datetime.now(UTC))
    prefetch_aggregates(context, ("schema", "quality"))
    findings = schema_findings(context) + quality_findings(context)
wrong = {finding.check for finding in findings if finding.violated}
if wrong != set(expected):
    raise SystemExit(f"these are violated: {sorted(wrong)}")
print(json.dumps({"checks": len(findings)}))
