"""A file that cannot be read is refused with the true reason and its place."""

import pytest

from maestro_ml.tables import DataError

HEADER = "at,zip,amount\n"
ROW = "2024-01-01T00:00:00Z,a,1\n"


@pytest.fixture
def refused(tmp_path, load):
    def read(content: str | bytes, **source: str) -> str:
        (tmp_path / "events.csv").write_bytes(content.encode() if isinstance(content, str) else content)
        with pytest.raises(DataError) as error:
            load({"kind": "csv", "path": "events.csv", **source})
        place, _, why = str(error.value).partition(" cannot be read: ")
        assert place.endswith("events.csv")
        return why

    return read


def test_latin1(refused):
    content = (HEADER + ROW + "2024-01-01T00:00:00Z,café,1\n").encode("latin-1")
    assert refused(content) == (
        "it is not UTF-8 text; say how it is written with `encoding`, such as `encoding: cp1252` "
        "(line 3 holds the byte 0xE9, at offset 63)"
    )


def test_latin1_far_down(refused):
    content = (HEADER + ROW * 100_000).encode() + b"2024-01-01T00:00:00Z,caf\xe9,1\n"
    assert "(line 100,002 holds the byte 0xE9, at offset 2,500,038)" in refused(content)


def test_a_letter_that_is_cut_off_at_the_end(refused):
    assert "(line 3 holds the byte 0xC3" in refused((HEADER + ROW).encode() + b"2024-01-01T00:00:00Z,1,\xc3")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_wide_encodings_without_a_mark(refused, encoding):
    why = refused((HEADER + ROW).encode(encoding))
    assert why == f"it seems to be UTF-16, not UTF-8 text; say so with `encoding: {encoding}`"


@pytest.mark.parametrize(("row", "count"), [("a,b,c,d\n", 4), ("a,b,c,\n", 4), ("a,b\n", 2), ("Total: 1\n", 1)])
def test_a_row_with_another_number_of_fields(refused, row, count):
    why = refused(HEADER + '2024-01-01T00:00:00Z,"a\nb",1\n' + row + ROW)
    assert why.startswith(f"line 4 has {count} field{'s' * (count > 1)}, the header (line 1) has 3")
    assert "UTF-8" not in why


def test_the_same_after_mixed_line_ends(refused):
    assert refused("at,zip,amount\r\n2024-01-01T00:00:00Z,a,1\n1,2\r\n").startswith("line 3 has 2 fields")


@pytest.mark.parametrize("title", ["Sales of May", "at", "# made by us, 2024"])
def test_a_title_above_the_header(refused, title):
    why = refused(f"{title}\n{HEADER}{ROW}")
    assert why.startswith("line 2 has 3 fields, the header (line 1) has ")
    assert why.endswith(": take out a title or comment above the header, or quote fields that hold the delimiter ','")


def test_another_delimiter_than_the_projects(refused):
    hint = "holds ';': if that stands between the fields, say so with `delimiter`"
    assert refused("at;zip;amount\n2024-01-01T00:00:00Z;a;0,5\n").endswith(hint)
    assert refused("at;zip;amount\n2024-01-01T00:00:00Z;a;5\n").endswith(hint)


def test_a_quote_that_is_never_closed(refused):
    why = refused(HEADER + ROW + '2024-01-01T00:00:00Z,"a\nb' + "\n" + ROW * 3)
    assert why == "the quote opened in line 3 is never closed"


def test_a_quote_that_is_closed_by_the_next_one(refused):
    why = refused(HEADER + '2024-01-01T00:00:00Z,"a,1\n2024-01-01T00:00:00Z,"b",1\n')
    assert why.startswith("the quote opened in line 2 is closed in line 3, and more text follows")


def test_quotes_behind_backslashes(refused):
    why = refused(HEADER + '2024-01-01T00:00:00Z,"a \\"b\\" c",1\n')
    assert why.endswith("inside a quoted field a quote is written twice")


def test_a_line_that_is_too_long(refused):
    assert refused(f'{HEADER}2024-01-01T00:00:00Z,"{"x" * 2_500_000}",1\n') == (
        "the quote opened in line 2 is not closed within 2,000,000 signs"
    )
    long = ",".join(["at", *(f"column{i}" for i in range(40))])
    row = ",".join(["2024-01-01T00:00:00Z", *(["x" * 60_000] * 40)])
    assert refused(f"{long}\n{row}\n") == "line 2 is longer than 2,000,000 bytes"


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff"])
def test_nothing(refused, content):
    assert refused(content) == "it is empty: there is not even a header line"


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"PAR1 and more", "Parquet"), (b"PK\x03\x04...", "a ZIP archive"), (b"\x1f\x8b\x08 ...", "compressed")],
)
def test_what_is_no_text(refused, content, kind):
    assert refused(content) == f"it is {kind}, not CSV text"
