"""The columns of the generated table; alone, because peers that have neither numpy nor pyarrow read it too."""

CATEGORIES = tuple(f"category-{i:02}" for i in range(12))
INTEGERS = tuple(f"i{i:02}" for i in range(3))
FLOATS = tuple(f"x{i:02}" for i in range(12))
TEXTS = tuple(f"c{i}" for i in range(5))
NUMBERS = INTEGERS + FLOATS
LIMIT = 1_000.0  # every number lies in [-LIMIT, LIMIT], outside of it where the shape is `bare`
MISSING = 0.05  # of a column's values may be null: the suite's tolerance; one in a hundred is
END = "2024-01-31T00:00:00+00:00"  # of the window of 30 days
WIDE = tuple(f"w{i:03}" for i in range(500))
