"""The rows of the generated table; the same arguments give the same rows."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import numpy as np
import pyarrow as pa
from columns import CATEGORIES, FLOATS, INTEGERS, LIMIT, TEXTS, WIDE

START = datetime(2024, 1, 1, tzinfo=UTC)
NULLS = 0.01
_TIMES = {"zoned": pa.timestamp("us", tz="UTC"), "naive": pa.timestamp("us"), "nanoseconds": pa.timestamp("ns")}


@dataclass(frozen=True)
class Content:
    """What the rows hold.

    Attributes:
        total: rows of the whole table, evenly spread over `days`.
        order: `sorted` by time; `random`, any time in any row.
        texts: `categories`, twelve of them; `wide` and `narrow`, nearly all different.
        times: how the time is stored.
        beyond: every tenth value breaks its range.
        columns: `plain`, or `many`: 500 floating-point columns and the time.
    """

    total: int
    days: int = 30
    order: Literal["sorted", "random"] = "sorted"
    texts: Literal["categories", "wide", "narrow"] = "categories"
    times: Literal["zoned", "naive", "nanoseconds"] = "zoned"
    beyond: bool = False
    columns: Literal["plain", "many"] = "plain"

    def rows(self, first: int, rows: int, step: int = 1) -> pa.Table:
        """Every `step`-th row, so many of them, from the `first`."""
        random = np.random.default_rng([first, rows])
        moments = self._moments(random, first, rows, step)
        columns = {"at": pa.array(moments * (1_000 if self.times == "nanoseconds" else 1), _TIMES[self.times])}
        scale = np.where(np.arange(rows) % 10 == 0, 2.0, 1.0) if self.beyond else 1.0
        plain = self.columns == "plain"
        for name in INTEGERS if plain else ():
            values = (random.integers(-1_000, 1_001, rows) * scale).astype("int64")
            columns[name] = pa.array(values, mask=random.random(rows) < NULLS)
        for name in FLOATS if plain else WIDE:
            values = np.clip(random.normal(0, 200, rows), -LIMIT, LIMIT) * scale
            columns[name] = pa.array(values, mask=random.random(rows) < NULLS)
        for name in TEXTS if plain else ():
            columns[name] = self._text(random, name, rows)
        return pa.table(columns)

    def _moments(self, random: np.random.Generator, first: int, rows: int, step: int) -> np.ndarray:
        """Microseconds since 1970."""
        length = self.days * 86_400_000_000
        if self.order == "random":
            places = random.random(rows) * length
        else:
            places = np.arange(first, first + rows * step, step) * (length / self.total)
        return (START.timestamp() * 1e6 + places).astype("int64")

    def _text(self, random: np.random.Generator, name: str, rows: int) -> pa.Array:
        if self.texts == "categories":
            codes = random.integers(0, len(CATEGORIES), rows, dtype="int32")
            return pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(CATEGORIES)).cast(pa.string())
        form = f"{name} number %010d of a text that is long" if self.texts == "wide" else "%06x"
        return pa.array(
            [form % number for number in random.integers(0, 10**9 if self.texts == "wide" else 2**24, rows)]
        )
