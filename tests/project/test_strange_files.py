"""Project files nobody meant to write: one error with its line, at once, and never a traceback."""

from collections.abc import Callable
from pathlib import Path

import pytest

from maestro_ml.project import Problem, ProjectError, load_project

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
STRANGE = {
    "an anchor inside itself": ("name: &a [1, *a]\n", 1, "contains itself"),
    "an anchor far inside itself": ("name: shop\nteam: &a\n  b:\n    c: *a\n", 2, "contains itself"),
    "a mapping merged into itself": ("name: shop\nteam: &a {<<: *a, b: 1}\n", 2, "expected text"),
    "a billion laughs": (LAUGHS, None, "more than 200,000 values"),
    "lists in lists": ("name: shop\nteam: " + "[" * 3_000 + "]" * 3_000, 2, "levels deep"),
    "lists that never end": ("name: shop\nteam: " + "[" * 200_000, 2, "levels deep"),
    "mappings in mappings": ("\n".join(" " * i + "a:" for i in range(3_000)), 65, "levels deep"),
    "a second document": ("name: a\n---\nname: b\n", 2, "a second document"),
    "a tab": ("name: shop\nteam:\n\tdatasets: {}\n", 3, "a tab"),
    "a tab between": ("name: shop\nteam:\n  a:\n  \tb: 1\n", 4, "a tab"),
    "a list as a key": ("name: shop\n? [a, b]\n: 1\n", 2, "keys are text"),
    "a mapping as a key": ("name: shop\n{a: b}: 1\n", 2, "keys are text"),
    "a truth as a key": ("name: shop\nyes: 1\n", 2, "keys are text, found True"),
    "nothing as a key": ("name: shop\nnull: 1\n", 2, "keys are text"),
    "a number of 5,000 digits": ("name: shop\nteam: " + "9" * 5_000 + "\n", 2, "is no int"),
    "no time": ("name: shop\nsince: 2024-01-01T99:00:00\n", 2, "hour must be in 0..23"),
    "no number": ("name: shop\nteam: !!int x\n", 2, "is no int"),
    "no timestamp": ("name: shop\nteam: !!timestamp x\n", 2, "is no timestamp"),
    "only a comment": ("# nothing\n", 1, "required"),
    "a text": ("shop\n", 1, "mapping at the top level"),
    "a time before the calendar": ("name: shop\nsince: 0001-01-01T00:00:00+14:00\n", 2, "outside the calendar"),
}


@pytest.mark.parametrize("name", STRANGE)
@pytest.mark.timeout(60)  # hangs, or takes memory without end, where it is not refused
def test_a_strange_file_is_one_sentence(name: str, problems: Callable[..., list[Problem]]) -> None:
    text, line, part = STRANGE[name]
    found = problems(text)
    assert any(part in p.message and line in (None, p.line) for p in found), [str(p)[:200] for p in found]


def test_what_every_editor_writes_is_read(tmp_path: Path, valid: str) -> None:
    for encoded in (valid.encode("utf-8-sig"), valid.replace("\n", "\r\n").encode(), valid.rstrip().encode()):
        (tmp_path / "maestro.yaml").write_bytes(encoded)
        assert load_project(tmp_path, {}).name == "shop"


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b"name: shop\nteam: \xff\xfe\n", 2, "not UTF-8 text"),
        ("name: shop\n".encode("utf-16"), 1, "not UTF-8 text"),
        (b"PAR1" + bytes(range(256)), 2, "not"),
        (b"name: shop\x00\n", 1, "not a text file"),
    ],
)
def test_bytes_that_are_no_text(tmp_path: Path, content: bytes, line: int, message: str) -> None:
    (tmp_path / "maestro.yaml").write_bytes(content)
    with pytest.raises(ProjectError, match=message) as caught:
        load_project(tmp_path, {})
    assert [p.line for p in caught.value.problems] == [line]


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "maestro.yaml").mkdir()
    with pytest.raises(ProjectError, match="a folder; --project names the folder that holds the file"):
        load_project(tmp_path, {})


def test_a_file_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ProjectError, match=r"cannot be read: Not a directory"):
        load_project(tmp_path / "file" / "maestro.yaml", {})


@pytest.mark.parametrize("name", ["x" * 300, "a\0b"])
def test_a_name_no_file_can_have(tmp_path: Path, name: str) -> None:
    with pytest.raises(ProjectError, match="cannot be read: "):
        load_project(tmp_path / name, {})


def test_anchors_and_merges_still_work(load: Callable, valid: str) -> None:
    text = valid.replace("price: {type: number}", "price: &number {type: number, nullable: false}").replace(
        "returned: {type: boolean}", "returned: {<<: *number, type: boolean}\n      again: *number"
    )
    columns = load(text).datasets["orders"].columns
    assert (columns["again"].type, columns["returned"].type, columns["returned"].nullable) == (
        "number",
        "boolean",
        False,
    )


@pytest.mark.parametrize("value", [".inf", "-.inf", ".nan"])
@pytest.mark.parametrize("key", ["max_psi", "p_value", "max_wasserstein", "min_effect"])
def test_no_limit_is_endless(key: str, value: str, problems: Callable[..., list[Problem]], valid: str) -> None:
    found = problems(valid.replace("drift: {columns: [price]}", f"drift: {{columns: [price], {key}: {value}}}"))
    assert [p.key for p in found] == [f"datasets.orders.drift.{key}"]


@pytest.mark.parametrize(
    "schedule", ["0 2 * * *", "*/15 0-6 1,15 jan-mar mon", "@daily", "0 0 * * 7", "59 23 31 12 0", "5/10 * L * *"]
)
def test_schedules(load: Callable, valid: str, schedule: str) -> None:
    assert load(valid.replace("features: {}", f'features: {{schedule: "{schedule}"}}')).features.schedule == schedule


@pytest.mark.parametrize(
    ("schedule", "part"),
    [
        ("60 * * * *", "'60' is no minute"),
        ("0 24 * * *", "is no hour"),
        ("0 0 0 * *", "is no day of the month"),
        ("0 0 1 13 *", "is no month"),
        ("0 0 1 * 8", "is no day of the week"),
        ("0 0 1 * */0", "is no day of the week"),
        ("a b c d e", "is no minute"),
        ("30-10 * * * *", "is no minute"),
        ("@dayly", "no schedule @dayly"),
    ],
)
def test_schedules_that_never_come(problems: Callable, valid: str, schedule: str, part: str) -> None:
    [found] = problems(valid.replace("features: {}", f'features: {{schedule: "{schedule}"}}'))
    assert (found.key, part in found.message) == ("features.schedule", True), found
