import gzip

import pyarrow as pa
import pytest

from maestro_ml.project import ProjectError
from maestro_ml.tables import DataError

HEADER = "at,zip,amount,paid,note\n"
ROWS = "2024-01-01T00:00:00Z,01234,1,true,\n2024-01-02T00:00:00+02:00,20500,2.5,false,\n"


@pytest.fixture
def csv(tmp_path, load):
    def read(content: str | bytes, name: str = "events.csv", **source: str):
        data = content.encode() if isinstance(content, str) else content
        (tmp_path / name).write_bytes(data)
        return load({"kind": "csv", "path": name, **source})

    return read


@pytest.fixture
def column(tmp_path, load):
    """Provide `column(type, *fields)`: the DuckDB type and the values of one column of a file with these fields."""

    def read(type_: str, *fields: str, **dataset: object):
        rows = "".join(f"2024-01-01T00:00:00Z,{field}\n" for field in fields)
        (tmp_path / "events.csv").write_text(f"at,value\n{rows}", encoding="utf-8")
        columns = {"at": {"type": "timestamp"}, "value": {"type": type_}}
        types, found = load({"kind": "csv", "path": "events.csv"}, columns=columns, **dataset)
        return types["value"], [row[1] for row in found]

    return read


class TestTypes:
    def test_the_contract_says_them(self, csv):
        types, rows = csv(HEADER + ROWS)
        assert types["at"] == "TIMESTAMP WITH TIME ZONE"
        assert (types["amount"], types["paid"]) == ("DOUBLE", "BOOLEAN")
        assert len(rows) == 2

    def test_text_of_digits_keeps_its_leading_zero_because_the_contract_says_text(self, column):
        assert column("string", "12345", "00501") == ("VARCHAR", ["12345", "00501"])

    @pytest.mark.parametrize("text", ["007", "1e3", "true", "2024-01-01", " x ", "'", "NA", "null", "\\N"])
    def test_text_stays_as_it_is_whatever_it_looks_like(self, column, text):
        assert column("string", text) == ("VARCHAR", [text])

    @pytest.mark.parametrize("text", ["007", "1e3", "true", "2024-01-01", "03/04/24"])
    def test_a_column_beyond_the_contract_is_text(self, tmp_path, load, text):
        (tmp_path / "events.csv").write_text(f"at,other\n2024-01-01T00:00:00Z,{text}\n")
        types, rows = load({"kind": "csv", "path": "events.csv"})
        assert (types["other"], rows[0][1]) == ("VARCHAR", text)

    def test_a_column_without_values_has_the_contracts_type(self, csv):
        assert csv(HEADER + ROWS)[0]["note"] == "DOUBLE"

    def test_one_bad_value_far_down_makes_the_column_text_and_loses_no_row(self, csv):
        many = "2024-01-01T00:00:00Z,01234,1,true,\n" * 30_000
        types, rows = csv(HEADER + many + "2024-01-01T00:00:00Z,01234,oops,true,\n")
        assert types["amount"] == "VARCHAR"
        assert len(rows) == 30_001

    def test_a_header_alone_is_an_empty_table_of_the_contract(self, csv):
        types, rows = csv(HEADER)
        assert rows == []
        assert types["at"] == "TIMESTAMP WITH TIME ZONE"
        assert types["amount"] == "DOUBLE"

    def test_an_empty_field_is_missing_quoted_or_not(self, column):
        assert column("string", "", '""', "x") == ("VARCHAR", [None, None, "x"])
        assert column("integer", "", '""', "1") == ("BIGINT", [None, None, 1])


class TestNumbers:
    @pytest.mark.parametrize("type_", ["integer", "number"])
    def test_whole_numbers_keep_every_digit(self, column, type_):
        assert column(type_, "9007199254740993", "-9223372036854775808") == ("BIGINT", [2**53 + 1, -(2**63)])
        assert column(type_, "18446744073709551617", "-1") == ("HUGEINT", [2**64 + 1, -1])

    def test_a_sign_blanks_around_and_leading_zeros_are_read(self, column):
        assert column("integer", "+5", " 6 ", "007") == ("BIGINT", [5, 6, 7])
        assert column("number", " 1.5 ", "+.5", "-2e3") == ("DOUBLE", [1.5, 0.5, -2000.0])

    @pytest.mark.parametrize("text", ["1.0", "1.5", "1e3"])
    def test_a_number_that_is_not_written_as_a_whole_one_is_no_integer(self, column, text):
        stored, values = column("integer", "1", text)
        assert (stored, values) == ("DOUBLE", [1.0, float(text)])

    def test_integers_among_other_numbers_are_not_rounded(self, column):
        assert column("integer", "9007199254740993", "1.5") == ("VARCHAR", ["9007199254740993", "1.5"])

    @pytest.mark.parametrize("text", ["1_000", "0x1F", "0b1", "1'000", "12 000", "1e400", "٣", "9" * 50])
    def test_other_spellings_are_not_guessed_at(self, column, text):
        assert column("integer", "1", text)[0] == "VARCHAR"

    @pytest.mark.parametrize("text", ["1_000.5", "1e400", "0x1p3", "1.5f"])
    def test_nor_are_those_of_doubles(self, column, text):
        assert column("number", "1.5", text)[0] == "VARCHAR"

    def test_infinity_and_nan_are_numbers(self, column):
        stored, values = column("number", "inf", "-Infinity")
        assert (stored, values) == ("DOUBLE", [float("inf"), float("-inf")])
        assert column("number", "NaN", "1.5")[0] == "DOUBLE"


class TestBooleans:
    def test_words_in_any_case_and_digits(self, column):
        stored, values = column("boolean", "true", "False", "T", "f", "Yes", "NO", "y", "n", "1", "0", " true ")
        assert stored == "BOOLEAN"
        assert values == [True, False, True, False, True, False, True, False, True, False, True]

    @pytest.mark.parametrize("text", ["on", "2", "ja"])
    def test_no_others(self, column, text):
        assert column("boolean", "true", text)[0] == "VARCHAR"


class TestDialect:
    def test_an_apostrophe_is_no_quote(self, csv):
        text = HEADER + "".join(f"2024-01-01T00:00:00Z,{zip_},1,true,\n" for zip_ in ("'s-Graveland", "x", "Hotels'"))
        assert [row[1] for row in csv(text)[1]] == ["'s-Graveland", "x", "Hotels'"]

    def test_unless_the_project_says_so(self, csv):
        text = HEADER + "2024-01-01T00:00:00Z,'a, \"b\" ''c''',1,true,\n"
        assert csv(text, quote="'")[1][0][1] == "a, \"b\" 'c'"

    def test_without_quotes_a_quote_is_text(self, csv):
        assert csv(HEADER + '2024-01-01T00:00:00Z,"5",1,true,\n', quote="")[1][0][1] == '"5"'

    def test_quoted_fields_hold_delimiters_quotes_and_line_ends(self, csv):
        text = HEADER + '2024-01-01T00:00:00Z,"a, ""b""\nc\r\nd",1,true,\n'
        assert csv(text)[1][0][1] == 'a, "b"\nc\r\nd'

    @pytest.mark.parametrize("delimiter", [";", "\t", "|", "¦"])
    def test_another_delimiter(self, csv, delimiter):
        assert len(csv((HEADER + ROWS).replace(",", delimiter), delimiter=delimiter)[1]) == 2

    def test_a_tab_can_be_written_out(self, csv):
        assert len(csv((HEADER + ROWS).replace(",", "\t"), delimiter=r"\t")[1]) == 2

    @pytest.mark.parametrize(
        "source",
        [
            {"delimiter": ""},
            {"delimiter": "||"},
            {"delimiter": "\n"},
            {"delimiter": '"'},
            {"quote": "''"},
            {"quote": "«"},
            {"quote": ","},
        ],
    )
    def test_signs_that_cannot_be_are_refused_when_the_project_is_loaded(self, csv, source):
        with pytest.raises(ProjectError, match=r"delimiter|quote"):
            csv(HEADER + ROWS, **source)

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_line_ends(self, csv, end):
        rows = csv((HEADER + ROWS.replace(",\n", ",5\n")).replace("\n", end))[1]
        assert [row[4] for row in rows] == [5, 5]

    @pytest.mark.parametrize(
        "ends", [("\r\n", "\r\n", "\n"), ("\n", "\r\n", "\n"), ("\r", "\n", "\r\n"), ("\n", "\r", "")]
    )
    @pytest.mark.parametrize("names", ["at,zip", "zip,at"])
    def test_mixed_line_ends_lose_no_row_and_leave_nothing_in_the_text(self, csv, ends, names):
        rows = ["2024-01-01T00:00:00Z,a", "2024-01-02T00:00:00Z,b"]
        if names == "zip,at":
            rows = [",".join(reversed(row.split(","))) for row in rows]
        text = "".join(line + end for line, end in zip([names, *rows], ends, strict=True))
        types, found = csv(text)
        assert types["at"] == "TIMESTAMP WITH TIME ZONE"
        assert [row[names.split(",").index("zip")] for row in found] == ["a", "b"]

    def test_empty_lines_are_no_rows(self, csv):
        assert len(csv("\n\n" + HEADER + "\n" + ROWS + "\n\n")[1]) == 2

    def test_a_byte_order_mark_is_no_part_of_the_first_name(self, csv):
        assert csv(b"\xef\xbb\xbf" + (HEADER + ROWS).encode())[0]["at"] == "TIMESTAMP WITH TIME ZONE"


class TestPacked:
    @pytest.mark.parametrize("name", ["events.csv.gz", "EVENTS.CSV.GZ"])
    def test_gzip(self, csv, name):
        assert len(csv(gzip.compress((HEADER + ROWS).encode()), name)[1]) == 2

    @pytest.mark.parametrize("name", ["events.csv.zst", "EVENTS.CSV.ZST"])
    def test_zstandard(self, csv, name):
        packed = pa.Codec("zstd").compress((HEADER + ROWS).encode()).to_pybytes()
        assert len(csv(packed, name)[1]) == 2

    def test_mixed_line_ends_inside(self, csv):
        assert len(csv(gzip.compress((HEADER + ROWS).replace("\n", "\r\n", 1).encode()), "events.csv.gz")[1]) == 2

    def test_in_a_bucket(self, load):
        import fsspec

        memory = fsspec.filesystem("memory")
        memory.pipe("/csv-test/a.CSV.GZ", gzip.compress((HEADER + ROWS).encode()))
        memory.pipe("/csv-test/b.csv", (HEADER + ROWS).replace("\n", "\r\n", 1).encode())
        try:
            assert len(load({"kind": "csv", "path": "memory://csv-test"})[1]) == 4
        finally:
            memory.rm("/csv-test", recursive=True)

    @pytest.mark.parametrize("size", [10, -10])
    def test_cut_off(self, csv, size):
        packed = gzip.compress(
            "".join([HEADER, *(f"2024-01-01T00:00:00Z,{i},1,true,\n" for i in range(9999))]).encode()
        )
        with pytest.raises(
            DataError, match=r"events\.csv\.gz cannot be read: its name says gzip, and its content is not"
        ):
            csv(packed[:size], "events.csv.gz")
        packed = pa.Codec("zstd").compress(gzip.decompress(packed)).to_pybytes()
        with pytest.raises(
            DataError, match=r"events\.csv\.zst cannot be read: its name says zstd, and its content is not"
        ):
            csv(packed[:size], "events.csv.zst")

    @pytest.mark.parametrize(("name", "kind"), [("events.csv.gz", "gzip"), ("events.csv.zst", "zstd")])
    def test_not_at_all(self, csv, name, kind):
        with pytest.raises(DataError, match=rf"cannot be read: its name says {kind}, and its content is not"):
            csv(HEADER + ROWS, name)


class TestNames:
    @pytest.mark.parametrize(("names", "named"), [("at,zip,zip", "'zip'.*'zip'"), ("at,zip,ZIP", "'zip'.*'ZIP'.*case")])
    def test_of_two_columns_may_not_be_one(self, csv, names, named):
        with pytest.raises(
            DataError, match=rf"events\.csv cannot be read: its header names .* more than once: {named}"
        ):
            csv(f"{names}\n2024-01-01T00:00:00Z,a,b\n")

    def test_a_column_without_one_is_named_by_its_place(self, csv):
        types, rows = csv(",at,zip\n0,2024-01-01T00:00:00Z,a\n")
        assert (list(types), rows[0][0]) == (["column0", "at", "zip"], "0")

    def test_may_have_line_ends(self, csv):
        types, rows = csv('at,"zip\nor so"\r\n2024-01-01T00:00:00Z,"a\nb"\r\n')
        assert (list(types), [row[1] for row in rows]) == (["at", "zip\nor so"], ["a\nb"])

    def test_blanks_around_them_do_not_count(self, csv):
        assert list(csv("at, zip ,amount\n2024-01-01T00:00:00Z,a,1\n")[0]) == ["at", "zip", "amount"]

    def test_blanks_before_a_quote_neither(self, csv):
        assert list(csv('at, "zip, or so", "amount"\n2024-01-01T00:00:00Z, "a, b", 1\n')[0]) == [
            "at",
            "zip, or so",
            "amount",
        ]

    def test_quotes_in_them_are_only_text(self, csv):
        assert 'it\'s "x"; --' in csv('at,"it\'s ""x""; --"\n2024-01-01T00:00:00Z,a\n')[0]

    def test_a_file_without_a_header_loses_no_row_silently(self, csv):
        with pytest.raises(DataError, match=r"its first line is not a header with columns of the contract \(at, zip, "):
            csv(ROWS)


class TestSeveralFiles:
    @pytest.fixture
    def folder(self, tmp_path, load):
        def read(**contents: str):
            (tmp_path / "lake").mkdir()
            for name, content in contents.items():
                (tmp_path / "lake" / f"{name}.csv").write_text(content, newline="")
            return load({"kind": "csv", "path": "lake"})

        return read

    def test_columns_are_matched_by_name(self, folder):
        types, rows = folder(a="at,amount\n2024-01-01T00:00:00Z,1\n", b="amount,at\n2,2024-01-02T00:00:00Z\n")
        assert list(types) == ["at", "amount"]
        assert [row[1] for row in rows] == [1, 2]

    def test_each_has_its_own_line_ends_columns_and_empty_lines(self, folder):
        types, rows = folder(
            a="at,zip\n2024-01-01T00:00:00Z,a\n",
            b="at,zip\r\n2024-01-02T00:00:00Z,b\r\n",
            c="\nat,zip\r2024-01-03T00:00:00Z,c\r",
            d="zip,at,note\nd,2024-01-04T00:00:00Z,4\r\n",
        )
        assert types["note"] == "BIGINT"
        assert [(row[1], row[2]) for row in rows] == [("a", None), ("b", None), ("c", None), ("d", 4)]

    def test_names_that_differ_in_case_are_one_column_as_the_contract_spells_it(self, folder):
        types, rows = folder(a="at,ZIP\n2024-01-01T00:00:00Z,a\n", b="at,zip\n2024-01-02T00:00:00Z,b\n")
        assert (list(types), [row[1] for row in rows]) == (["at", "zip"], ["a", "b"])

    def test_none_that_can_be_read_is_an_error_that_says_why(self, folder):
        with pytest.raises(DataError, match=r"none of 2 files can be read; a\.csv: line 2 has 1 field, the header"):
            folder(a="at,zip\n1\n", b="")

    def test_a_missing_file_is_named(self, load):
        with pytest.raises(DataError, match=r"no csv file at .*events\.csv"):
            load({"kind": "csv", "path": "events.csv"})
