"""One pass over the rows of the window and of its reference, for every stage that wants some of them or counts.

Nothing sorts or numbers the rows to choose a sample: their places are hashed as they are read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from maestro_ml.core.sided import CURRENT
from maestro_ml.sql.aggregates import Aggregate
from maestro_ml.sql.identifiers import quoted
from maestro_ml.tables.duckdb import free, in_little_memory
from maestro_ml.validation.column_counts import column_counts, counted, counting
from maestro_ml.validation.context import ValidationContext
from maestro_ml.validation.rows import LocalRows
from maestro_ml.validation.sample import RAW, Sample, as_sample, hash_sql, highest_hash, raw_sql
from maestro_ml.validation.sides import SIDE, Scan, scans_of

_MOST_ROWS_BESIDE = 3  # times those of the window, of which its aggregates are measured too


def shared_seed(context: ValidationContext) -> int:
    """Return the seed of the sample that the stages share."""
    anomalies, drift = context.spec.anomalies, context.spec.drift
    if anomalies:
        return anomalies.seed
    return drift.classifier.seed if drift and drift.classifier else 0


@dataclass(frozen=True)
class Survey:
    """What is wanted of every side.

    Attributes:
        sampled: the columns of the sample.
        size: rows of the sample; a side that has fewer is in it as a whole.
        seed: another one chooses other rows.
        columns: those to be counted.
        shared: aggregates of the window that others wait for; of both sides where one scan has them, since that is
            cheaper than to read the window again.
    """

    sampled: Sequence[str]
    size: int
    seed: int
    columns: Sequence[str] = ()
    shared: Sequence[Aggregate] = ()

    def take(self, sides: list[LocalRows]) -> None:
        """Leave the sample and the counts with each side, of the columns it has: a reference and the window, or one."""
        for scan in scans_of(sides):
            self._look(scan)
        for side in sides:
            if self.seed not in side.samples:  # of no rows, no group is made
                there = side.dataset.types.keys()
                sampled, columns = ([c for c in wanted if c in there] for wanted in (self.sampled, self.columns))
                side.samples[self.seed] = taken_alone(side, sampled, self.size, self.seed)
                side.column_counts.update(column_counts(side, columns) if columns else {})

    def _look(self, scan: Scan) -> None:
        dataset = scan.dataset
        connection = dataset.connection
        sampled = [column for column in self.sampled if column in dataset.types]
        plan = counting(dataset, [column for column in self.columns if column in dataset.types])
        limits = {number: highest_hash(self.size, side.count) for number, side in scan.sides.items()}
        highest = " ".join(f"WHEN {number} THEN {limit}" for number, limit in limits.items())
        chosen = f"FILTER ({hash_sql(self.seed)} <= (CASE {quoted(SIDE)} {highest} END)::UBIGINT)"
        shared = self._shared(scan)
        wanted = ["count(*)", *(sql for *_, sql in plan), *(each.sql(dataset.dialect) for each in shared)]
        fields = [f"{field} AS c{i}" for i, field in enumerate(wanted)]
        rows = f"list({raw_sql(sampled, self.seed)}) {chosen} AS chosen"
        name = f"survey_{uuid4().hex}"
        aggregates = scan.rows.aggregate(", ".join([quoted(SIDE), *fields, rows]), quoted(SIDE))
        in_little_memory(connection, lambda: aggregates.create(name))
        try:
            found = connection.table(name)
            for number, total, *values in found.project("* EXCLUDE (chosen)").fetchall():
                side = scan.sides[number]
                side.column_counts.update(counted(side, plan, int(total), values[: len(plan)]))
                side.known.update(zip(shared, values[len(plan) :], strict=True))
                raw = found.filter(f"{quoted(SIDE)} = {number}").project(f"unnest(chosen) AS {RAW}")
                side.samples[self.seed] = as_sample(raw, dataset, sampled, size=self.size, rows=int(total))
        finally:
            connection.execute(f"DROP TABLE {name}")
            free(connection)

    def _shared(self, scan: Scan) -> list[Aggregate]:
        current = scan.sides.get(CURRENT)
        rows = sum(side.count for side in scan.sides.values())
        if current is None or rows > _MOST_ROWS_BESIDE * current.count:
            return []
        return [each for each in dict.fromkeys(self.shared) if each not in current.known]


def taken_alone(side: LocalRows, columns: Sequence[str], size: int, seed: int) -> Sample:
    """Take a sample of one side, in a scan of its own."""
    chosen = side.dataset.placed_rows(side.window)
    if size < side.count:
        chosen = chosen.filter(f"{hash_sql(seed)} <= {highest_hash(size, side.count)}::UBIGINT")
    raw = chosen.project(f"{raw_sql(columns, seed)} AS {RAW}")
    return as_sample(raw, side.dataset, columns, size=size, rows=side.count)
