import pytest

from maestro_ml.data import DataError

HEADER = "at,zip,amount,paid,note\n"
ROWS = "2024-01-01T00:00:00Z,01234,1,true,\n2024-01-02T00:00:00+02:00,20500,2.5,false,\n"


@pytest.fixture
def csv(tmp_path, load):
    def read(content: str | bytes, delimiter: str = ","):
        data = content.encode() if isinstance(content, str) else content
        (tmp_path / "events.csv").write_bytes(data)
        return load({"kind": "csv", "path": "events.csv", "delimiter": delimiter})

    return read


def test_values_tell_the_types(csv):
    types, rows = csv(HEADER + ROWS)
    assert types["at"] == "TIMESTAMP WITH TIME ZONE"
    assert (types["amount"], types["paid"]) == ("DOUBLE", "BOOLEAN")
    assert len(rows) == 2


def test_text_of_digits_keeps_its_leading_zero_because_the_contract_says_text(csv):
    types, rows = csv(
        "at,zip,amount,paid,note\n2024-01-01T00:00:00Z,12345,1,true,\n2024-01-02T00:00:00Z,00501,2,true,\n"
    )
    assert types["zip"] == "VARCHAR"
    assert [row[1] for row in rows] == ["12345", "00501"]


def test_a_column_without_values_has_the_contracts_type(csv):
    assert csv(HEADER + ROWS)[0]["note"] == "DOUBLE"


def test_one_bad_value_far_down_makes_the_column_text_and_loses_no_row(csv):
    many = "2024-01-01T00:00:00Z,01234,1,true,\n" * 30_000
    types, rows = csv(HEADER + many + "2024-01-01T00:00:00Z,01234,oops,true,\n")
    assert types["amount"] == "VARCHAR"
    assert len(rows) == 30_001


def test_a_header_alone_is_an_empty_table_of_the_contract(csv):
    types, rows = csv(HEADER)
    assert rows == []
    assert types["at"] == "TIMESTAMP WITH TIME ZONE"
    assert types["amount"] == "DOUBLE"


def test_another_delimiter(csv):
    assert len(csv((HEADER + ROWS).replace(",", ";"), delimiter=";")[1]) == 2


def test_latin1_is_refused_with_what_to_do(csv):
    with pytest.raises(
        DataError, match=r"events\.csv cannot be read: it is not UTF-8 text; convert it first, for example: iconv"
    ):
        csv((HEADER + "2024-01-01T00:00:00Z,café,1,true,\n").encode("latin-1"))


def test_two_files_are_joined_by_name(tmp_path, load):
    (tmp_path / "a.csv").write_text("at,amount\n2024-01-01T00:00:00Z,1\n")
    (tmp_path / "b.csv").write_text("amount,at\n2,2024-01-02T00:00:00Z\n")
    types, rows = load({"kind": "csv", "path": "*.csv"})
    assert list(types) == ["at", "amount"]
    assert sorted(row[1] for row in rows) == [1, 2]


def test_a_missing_file_is_named(load):
    with pytest.raises(DataError, match=r"no csv file at .*events\.csv"):
        load({"kind": "csv", "path": "events.csv"})
