"""The document of `--json` is JSON, whatever the numbers are."""

import json
from math import inf, nan

from maestro_ml.cli.documents import to_json


def test_numbers_that_json_does_not_have_are_texts() -> None:
    document = {"recall": nan, "bounds": [(-inf, inf), 0.5], "rows": 3, "all": True, "none": None}
    expected = {"recall": "NaN", "bounds": [["-Infinity", "Infinity"], 0.5], "rows": 3, "all": True, "none": None}
    assert json.loads(to_json(document)) == expected
