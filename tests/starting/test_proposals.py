"""What is proposed for the columns, the time and the model of a table makes sense to somebody who knows it."""

import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from maestro_ml.cli.app import run
from maestro_ml.project import load_project


@pytest.fixture
def proposed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    """Provide `proposed(lines, *options)`: (maestro.yaml as data, as text, what was printed) for a CSV file of
    these lines.
    """
    monkeypatch.chdir(tmp_path)

    def made(lines: list[str], *options: str) -> tuple[dict[str, Any], str, str]:
        (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
        assert run(["init", "shop", "--data", "t.csv", "--yes", "--no-run", *options]) == 0
        load_project(tmp_path / "shop")
        text = (tmp_path / "shop" / "maestro.yaml").read_text()
        return yaml.safe_load(text), text, capsys.readouterr().err

    return made


def people(rows: int = 200) -> list[str]:
    source = random.Random(1)
    lines = ["customer_id,account,empty,age,ill"]
    for n in range(rows):
        ill = int(source.random() < 0.4)
        lines.append(f"{source.randrange(120)},{10**17 + n // 2},,{20 + n % 60},{ill}")
    return lines


def trips(rows: int = 240) -> list[str]:
    """Return trips of every six hours, with a column of each kind that a proposal says something of."""
    source = random.Random(7)
    lines = ["trip_id,started,email,distance,tip,duplicate,constant,empty,speed,zip,note,grade,is_late"]
    for n in range(rows):
        late = int(source.random() < 0.4)
        distance = round(source.uniform(1, 30) + 8 * late, 2)
        note = " ".join(source.choice(["slow", "rain", "fine", "road", "stop", "queue", "light"]) for _ in range(5))
        speed = "fast" if n == 17 else source.randrange(20, 90)
        tip = "" if n % 8 == 0 else source.randrange(0, 9)
        values = (100 + 3 * n, datetime(2023, 1, 1) + timedelta(hours=6 * n), f"p{n}@x.org", distance, tip, distance)  # noqa: DTZ001
        others = (7, "", speed, 10000 + 37 * (n % 77), note, source.choice("ABC"), late)
        lines.append(",".join(map(str, (*values, *others))))
    return lines


def test_a_whole_proposal_with_the_reason_of_each_line(proposed) -> None:
    _, text, printed = proposed(trips(), "--timezone", "UTC")
    assert text == Path(__file__).with_name("proposed.yaml").read_text()
    assert [line.strip() for line in printed.splitlines() if "wrote" not in line] == [
        "t: 240 rows, 13 columns",
        "all missing: empty: no value at all in 240 rows",
        "constant column: constant: holds one value only, 7",
        "duplicate column: duplicate: has the same values as 'distance'",
        "empty column: empty: holds no value",
        "mixed types: speed: 1 of 240 (0.42 %) values are no whole numbers, as the others are: 'fast'",
        "the model predicts 'is_late' (its name; a model of two classes)",
    ]


def test_a_date_of_birth_is_never_the_time_of_a_row_and_is_personal(proposed) -> None:
    written, _, _ = proposed(["birth_date,x,y", *(f"19{40 + n % 60}-01-02,{n % 7},{n % 2}" for n in range(200))])
    assert "timestamp" not in written["datasets"]["t"]
    assert written["datasets"]["t"]["columns"]["birth_date"]["pii"]


def test_a_date_that_ends_something_is_the_time_only_where_there_is_no_other(proposed) -> None:
    lines = [f"20{24 + n % 6}-01-02,2023-0{1 + n % 9}-03,{n % 7},{n % 2}" for n in range(200)]
    written, _, _ = proposed(["valid_until,bought_on,x,y", *lines])
    assert written["datasets"]["t"]["timestamp"] == "bought_on"


def test_numbers_that_are_names_have_no_range_and_are_no_features(proposed) -> None:
    written, text, _ = proposed(people(), "--label", "ill")
    ranges = {check["column"] for check in written["datasets"]["t"]["checks"] if check["check"] == "range"}
    [model] = written["models"].values()
    assert ranges == {"age"}
    assert model["columns"] == ["age"]
    assert "#   without customer_id: its numbers are names" in text
    assert "#   without account: its numbers are names" in text


def test_a_column_without_a_value_is_a_warning_and_the_rest_is_learned_from(proposed) -> None:
    written, text, _ = proposed(people(), "--label", "ill")
    assert written["datasets"]["t"]["columns"]["empty"] == {"type": "string", "severity": "warn"}
    assert "no value at all: a warning until there is one" in text
    assert written["models"]


def test_each_reason_is_of_its_own_line(proposed) -> None:
    _, text, _ = proposed(people(), "--label", "ill")
    [gate] = [line for line in text.splitlines() if line.strip().startswith("gate:")]
    assert "always answering the commonest class is right in" in gate
    assert "in this window" not in text  # all rows were looked at


def test_a_class_with_a_row_or_two_is_too_rare_for_a_model(proposed) -> None:
    written, _, printed = proposed(["x,label", *(f"{n % 17},{int(n == 5)}" for n in range(300))])
    assert "models" not in written
    assert "one of the two classes of 'label' has 1 row only" in printed


def test_times_that_can_be_read_in_several_ways_are_no_text_to_learn_from(proposed) -> None:
    zones = ["", "Z", "+02:00"]
    lines = [f"2024-03-{1 + n // 24:02} {n % 24:02}:00:00{zones[n % 3]},{n % 7},{n % 2}" for n in range(300)]
    written, text, printed = proposed(["when,v,ok", *lines])
    [model] = written["models"].values()
    assert model["columns"] == ["v"]
    assert "#   without when: times that can be read in several ways" in text
    assert "say which zone the latter are of with --timezone" in printed


def test_a_named_column_of_years_is_the_time(proposed) -> None:
    lines = ["country,year,life", *(f"c{n % 40},{1950 + n // 40},{30 + n % 40}.5" for n in range(1200))]
    written, _, printed = proposed(lines, "--label", "life", "--time", "year")
    assert written["datasets"]["t"]["timestamp"] == "year"
    assert written["datasets"]["t"]["columns"]["year"] == {"type": "date", "unit": "year", "nullable": False}
    assert "no time" not in printed


def test_a_column_of_years_is_named_where_there_is_no_time(proposed) -> None:
    _, _, printed = proposed(["year,x,y", *(f"{1990 + n % 30},{n % 7},{n % 2}" for n in range(100))])
    assert "--time year takes the years in it as the time of a row" in printed


def test_the_last_column_is_a_label_also_before_a_time(proposed) -> None:
    lines = [f"{n % 9},{n % 7},{n % 2},2024-01-{1 + n % 28:02}" for n in range(300)]
    written, text, _ = proposed(["sensor,x,alarm,day", *lines])
    [model] = written["models"].values()
    assert model["label"] == "alarm"
    assert "it is the last column that is no time" in text


def test_a_part_of_a_date_is_no_label(proposed) -> None:
    lines = [f"{n % 90}.5,{1935 + n % 20}" for n in range(300)]
    written, _, _ = proposed(["invest,year", *lines])
    assert [model["label"] for model in written.get("models", {}).values()] == ["invest"]
