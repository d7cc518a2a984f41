"""Whatever a table holds: what is proposed from it loads, and it passes."""

import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from maestro_ml.project import Window, load_project
from maestro_ml.validation import validate_dataset
from maestro_ml.validation.history.runs import History, RunMetrics
from maestro_ml.validation.suggest.proposals import as_yaml, suggest

JANUARY = Window(datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC))
SHAPES = (r"[A-Z]{2}\d{1,4}", r"[0-9a-f]{4}-[0-9a-f]{2}", r"N[0-9A-Z]{3,4}", r"[+$'\\][0-9]\.[a-z]", r"\d{2}:\d{2}")
KINDS = {
    "string": (pa.string(), st.text(st.characters(exclude_categories=["Cs"]), max_size=8)),
    "integer": (pa.int64(), st.integers(-(2**63), 2**63 - 1) | st.integers(0, 9)),
    "number": (pa.float64(), st.floats()),
    "boolean": (pa.bool_(), st.booleans()),
    "date": (pa.date32(), st.dates(date(1900, 1, 1), date(2100, 1, 1))),
}


@st.composite
def columns(draw, rows: int) -> tuple[dict, pa.Array]:
    """Return a column as the contract has it, and its values: some of a few that come again, in stretches or in
    turn.
    """
    kind = draw(st.sampled_from(sorted(KINDS)))
    stored, some = KINDS[kind]
    if kind == "string":
        some = st.sampled_from([some, *(st.from_regex(shape, fullmatch=True) for shape in SHAPES)]).flatmap(lambda s: s)
        some = some if draw(st.booleans()) else st.from_regex(draw(st.sampled_from(SHAPES)), fullmatch=True)
    if draw(st.booleans()):
        some = some | st.none()
    values = draw(st.lists(some, min_size=1, max_size=40))
    stretch = draw(st.integers(1, 9))
    described = {"type": kind, "pii": draw(st.booleans())}
    return described, pa.array([values[i // stretch % len(values)] for i in range(rows)], stored)


@st.composite
def tables(draw) -> tuple[dict, pa.Table, History]:
    rows = draw(st.integers(1, 250))
    drawn = draw(st.lists(columns(rows), min_size=1, max_size=4))
    stretch = draw(st.integers(1, 9))
    times = [JANUARY.start + timedelta(hours=i // stretch) for i in range(rows)]
    table = {"at": pa.array(times, pa.timestamp("us", "UTC"))} | {f"c{i}": array for i, (_, array) in enumerate(drawn)}
    contract = {"at": {"type": "timestamp"}} | {f"c{i}": described for i, (described, _) in enumerate(drawn)}

    def run(days: int) -> RunMetrics:
        missing = {name: draw(st.floats(0, 1)) for name in table} if days % 3 == 0 else {"c0": 0.1}
        values = {"rows": {"": rows * draw(st.sampled_from([0.9, 1.0, 1.2, 3.0]))}, "missing_share": missing}
        span = {"start": JANUARY.start - timedelta(days=days), "end": JANUARY.end - timedelta(days=days)}
        return RunMetrics(run="r", created=JANUARY.end, verdict="pass", values=values, **span)

    history = History(tuple(run(days) for days in range(1, 1 + draw(st.sampled_from([0, 6, 12])))))
    return contract, pa.table(table), history


@settings(max_examples=60, deadline=None)
@given(tables())
def test_what_is_proposed_from_a_table_loads_and_the_table_passes(drawn):
    contract, table, history = drawn
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        pq.write_table(table, place / "events.parquet")
        dataset = {"source": {"kind": "parquet", "path": "events.parquet"}, "timestamp": "at", "columns": contract}
        file = place / "maestro.yaml"
        text = yaml.safe_dump({"name": "p", "datasets": {"events": dataset}}, sort_keys=False)
        file.write_text(text, encoding="utf-8")
        found = suggest(load_project(place, environ={}), "events", JANUARY, history)
        file.write_text(text + as_yaml(found, checks_there=False), encoding="utf-8")
        project = load_project(place, environ={})
        report = validate_dataset(project, "events", JANUARY, ("quality",), history=history)
    assert [c.model_dump(exclude_unset=True, mode="json") for c in project.datasets["events"].checks] == [
        suggestion.check for suggestion in found.checks
    ]
    assert [str(f) for f in report.violated if f.check != "all_missing"] == []
