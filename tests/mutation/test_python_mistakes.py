"""The deliberate mistakes are valid Python, and each differs from the original in one place."""

from pathlib import Path

import pytest
from mutating_python.operators import applied, mistakes
from mutating_python.targets import SOURCE, TARGETS

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a < b", {"a <= b"}),
        ("a is None", {"a is not None"}),
        ("a and b", {"a or b", "a", "b"}),
        ("not a", {"a"}),
        ("a + b", {"a - b", "a"}),
        ("max(a, b)", {"min(a, b)", "pass"}),
        ("x = f(a, b)", {"x = f(b, a)"}),
        ("x = f(a, b=c, d=e)", {"x = f(a, d=e)", "x = f(a, b=c, )"}),
        ("x = f(*a, b)", set()),
        ("x = 'label'", {"x = 'labelx'"}),
        ("x = 'Words of a message.'", set()),
        ("x = True", {"x = False"}),
        ("x = 3", {"x = 4"}),
        ("x: Literal[3] = y", set()),
        ("raise ValueError(3 > 2)", set()),
        ('f"{a + b}"', set()),
        ("x = dataclass(frozen=True)", set()),
        ("ä < b", {"ä <= b"}),
        ("x = a if b else c", {"x = a if True else c", "x = a if False else c"}),
    ],
)
def test_each_kind_of_mistake(source, expected):
    assert {applied(source, each) for each in mistakes(source)} == expected


@pytest.mark.parametrize("pattern", TARGETS)
def test_every_target_has_files_and_tests(pattern):
    assert list((ROOT / SOURCE).glob(pattern))
    assert all((ROOT / tests).exists() for tests in TARGETS[pattern])
