"""The 44 checks in Great Expectations: python gx.py FILE

Read into pandas, as its documentation does for files. All 44 can be said; freshness as a bound of the newest time.
"""

import json
import sys
from datetime import datetime, timedelta
from pathlib import Path

import great_expectations as gx
import great_expectations.expectations as gxe

sys.path.insert(0, str(Path(__file__).parents[1]))
from columns import CATEGORIES, END, LIMIT, MISSING, NUMBERS, TEXTS


def expectations() -> list[gxe.Expectation]:
    names = ["at", *NUMBERS, *TEXTS]
    return [
        gxe.ExpectTableColumnsToMatchSet(column_set=names, exact_match=True),
        gxe.ExpectTableRowCountToBeBetween(min_value=1),
        *(gxe.ExpectColumnValuesToNotBeNull(column=name, mostly=1 - MISSING) for name in names),
        *(gxe.ExpectColumnValuesToBeBetween(column=name, min_value=-LIMIT, max_value=LIMIT) for name in NUMBERS),
        *(gxe.ExpectColumnValuesToBeInSet(column=name, value_set=list(CATEGORIES)) for name in TEXTS),
        gxe.ExpectColumnMaxToBeBetween(column="at", min_value=datetime.fromisoformat(END) - timedelta(days=1)),
        gxe.ExpectCompoundColumnsToBeUnique(column_list=names),
    ]


def main(path: Path) -> None:
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = gx.data_context.types.base.ProgressBarsConfig(globally=False)
    files = context.data_sources.add_pandas_filesystem("files", base_directory=path.parent)
    batch = files.add_parquet_asset("table").add_batch_definition_path("all", path.name)
    suite = context.suites.add(gx.ExpectationSuite("suite", expectations=expectations()))
    definition = context.validation_definitions.add(gx.ValidationDefinition(name="all", data=batch, suite=suite))
    result = definition.run()
    failed = [str(one.expectation_config.type) for one in result.results if not one.success]
    print(json.dumps({"checks": len(result.results), "failed": failed}))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
