"""A project file that is no YAML mapping at all, or that would run something."""

from collections.abc import Callable

import pytest

from maestro_ml.project import Problem


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("name: [1, 2", 1, "not valid YAML"),
        ("name: [1, 2\n", 1, "not valid YAML"),
        ("name: \u00e4\u00e4\u00e4\nteam: a\u0007\n", 2, "not a text file"),
        ("name: shop\n\tdatasets: {}\n", 2, "not valid YAML"),
        ("name: *nowhere", 1, "not valid YAML"),
        ("name: a\ndatasets: {o: {source: {path: ${env:A}}}}", 2, "quote a text that holds ${env:...}"),
        ("name: a\n---\nname: b\n", 2, "not valid YAML"),
        ('name: a\nx: "\\d+"\n', 2, "write a text with backslashes, such as a pattern, in single quotes"),
        ("- a\n- b\n", 1, "mapping at the top level"),
        ("name: a\nteam: \x07", 2, "not a text file"),
    ],
)
def test_what_is_no_mapping_in_yaml_is_said_with_its_line(
    text: str, line: int, part: str, problems: Callable[..., list[Problem]]
) -> None:
    found = problems(text)
    assert (found[0].line, part in found[0].message) == (line, True), [str(p) for p in found]


def test_an_empty_file_says_what_is_missing(problems: Callable[..., list[Problem]]) -> None:
    assert [(p.line, p.key, p.message) for p in problems("")] == [
        (1, "name", "required, but missing"),
        (1, "datasets", "required, but missing"),
    ]


def test_a_python_tag_runs_nothing(valid: str, problems: Callable[..., list[Problem]]) -> None:
    found = problems(valid.replace("name: shop", "name: !!python/object/apply:os.getcwd []"))
    assert [(p.line, p.key) for p in found] == [(2, "name")]
