"""A table is looked at without a project: its types, and what looks wrong."""

import gzip
import json
import sqlite3
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pandas as pd
import pytest

from maestro_ml.cli.app import run
from maestro_ml.core.errors import RequestError
from maestro_ml.starting.columns import described
from maestro_ml.starting.location import located
from maestro_ml.starting.rows import all_rows
from maestro_ml.starting.scan import Scan, scan


def scanned(text: str, **options: object) -> Scan:
    with located(text) as location:
        return scan(location, **options)


@pytest.fixture
def write(tmp_path: Path):
    """Provide `write(text, name)`: the path of a file with this text."""

    def written(text: str, name: str = "t.csv") -> str:
        (tmp_path / name).write_text(text)
        return str(tmp_path / name)

    return written


def wrong(found: Scan) -> set[tuple[str, str | None]]:
    return {(f.check, f.column) for f in found.report.violated}


TYPES = """\
id,code,price,on,at,day,paid,name
1,007,1.5,true,2024-01-01 06:00,2024-01-31,1e3,x
2,008,2,false,2024-01-02 06:00,2024-02-01,2,y
3,010,,true,2024-01-03 06:00,2024-02-02,3,z
"""


def test_each_column_has_the_narrowest_type_that_reads_all_of_it(write) -> None:
    with described({"kind": "csv", "path": write(TYPES)}, timezone="UTC") as (_, found):
        pass
    types = {column.name: column.type for column in found.columns}
    assert types == {
        "id": "integer",
        "code": "string",  # 007 is not the number 7
        "price": "number",
        "on": "boolean",
        "at": "timestamp",
        "day": "date",
        "paid": "number",
        "name": "string",
    }
    price = found.column("price")
    assert (price.missing, price.distinct, price.low, price.high) == (1, 2, 1.5, 2.0)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("a,b\n1,5\n2,6\n3,7\n4,8\n5,about six\n", ("mixed_types", "b")),
        ("a,b\n1,5\n2,small\n3,7\n4,large\n", ("mixed_types", "b")),
        ("a,b\n1,2024-01-01\n2,soon\n3,2024-01-03\n4,later\n", ("mixed_types", "b")),
        ("a,b\n1,5\n2,5\n3,5\n", ("constant_column", "b")),
        ("a,b\n1,\n2,\n", ("empty_column", "b")),
        ("a,b\n1,\n2,\n3,\n4,5\n5,6\n", ("mostly_missing", "b")),
        ("a,b,c\n1,5,5\n2,6,6\n", ("duplicate_column", "c")),
        ("a,b\n1,5\n1,5\n2,6\n", ("duplicate_rows", None)),
        ("a,d\n1,01/02/2024\n2,03/04/2024\n", ("ambiguous_dates", "d")),
        ("1.5,2\n1,5\n2,6\n", ("header", None)),
        ("a,b\n", ("rows_missing", None)),
    ],
)
def test_what_looks_wrong_is_found(write, rows: str, expected: tuple[str, str | None]) -> None:
    assert expected in wrong(scanned(write(rows)))


def test_a_table_in_order_has_nothing_wrong(write) -> None:
    rows = "".join(f"{n},{n * 7 % 11},{'xy'[n % 2]}\n" for n in range(40))
    assert wrong(scanned(write("id,size,kind\n" + rows))) == set()


def test_a_column_that_gives_the_label_away_is_found(write) -> None:
    rows = "".join(f"{n % 9},{'abcd'[n % 4]},{n % 7},{n % 4 // 2}\n" for n in range(200))
    found = scanned(write("free,group,other,target\n" + rows))
    assert (found.label.name, set(found.leaks)) == ("target", {"group"})


@pytest.mark.parametrize(
    ("header", "label"),
    [
        ("class,size,survived", "survived"),  # a name that only labels have
        ("class,size,bought", "bought"),  # the class of a ticket, and what is asked of it
        ("class,bought,size", "class"),  # of a table whose last column has many values
        ("size,bought,class", "class"),
    ],
)
def test_a_common_name_is_a_label_where_the_last_column_has_not_two_values(write, header: str, label: str) -> None:
    values = {"class": lambda n: n % 3, "size": lambda n: n * 37 % 101, "survived": lambda n: n % 2}
    values["bought"] = values["survived"]
    rows = [",".join(str(values[name](n)) for name in header.split(",")) for n in range(101)]
    assert scanned(write("\n".join([header, *rows]))).label.name == label


def test_the_only_column_of_yes_and_no_is_a_label_wherever_it_stands(write) -> None:
    rows = "".join(f"{n},{['no', 'yes'][n * 7 % 13 % 2]},{'abc'[n % 3]}\n" for n in range(60))
    found = scanned(write("visits,went_away,city\n" + rows))
    assert (found.label.name, found.why) == ("went_away", "it is the only column of yes and no")


def test_a_number_that_is_the_label_in_another_unit_is_found(write) -> None:
    rows = "".join(f"{n * 1.7 % 13:.2f},{n * 2.54 + 1:.3f},{n / 3:.4f}\n" for n in range(100))
    found = scanned(write("free,inches,price\n" + rows))
    assert (found.label.name, set(found.leaks)) == ("price", {"inches"})


def test_texts_that_stand_for_nothing_among_numbers_are_missing_values(write) -> None:
    found = scanned(write("sex,mass\nm,NA\nf,3\nNA,4\n"))
    assert found.table.source["null_values"] == ["NA"]
    assert [(c.type, c.missing) for c in found.table.columns] == [("string", 1), ("integer", 1)]


def test_a_mark_of_nothing_among_a_few_texts_is_a_missing_value_of_that_column(write) -> None:
    found = scanned(write("id,port,land\n1,S,NA\n2,C,EU\n3,NA,AS\n4,S,EU\n5,Q,NA\n6,C,AS\n"))
    assert found.table.source["columns"] == {"port": {"null_values": ["NA"]}}
    assert {c.name: c.missing for c in found.table.columns} == {"id": 0, "port": 1, "land": 0}
    assert ("missing_marker", "port") in wrong(found)


@pytest.mark.parametrize(
    "rows",
    ['S\nC\n"NA"\nS\n', "none\nS\nS\nC\n", "Ann\nBob\nNA\nCid\n"],
    ids=["quoted", "a word", "names that do not repeat"],
)
def test_a_text_that_may_be_a_value_stays_one(write, rows: str) -> None:
    assert "columns" not in scanned(write(f"port\n{rows}")).table.source


def test_files_that_carry_their_types_json_and_tables_of_lakes_are_tables(tmp_path: Path) -> None:
    from deltalake import write_deltalake
    from pyarrow import Table, feather, orc

    frame = pd.DataFrame({"n": [1, 2, 3], "x": ["a", "b", "c"]})
    table = Table.from_pandas(frame)
    frame.to_json(tmp_path / "lines.jsonl", orient="records", lines=True)
    feather.write_feather(table, tmp_path / "f.feather", compression="uncompressed")
    orc.write_table(table, tmp_path / "o.orc")
    frame.to_excel(tmp_path / "book.xlsx", index=False)
    write_deltalake(str(tmp_path / "lake"), table)
    for name, kind in {
        "lines.jsonl": "json",
        "f.feather": "arrow",
        "o.orc": "orc",
        "book.xlsx": "excel",
        "lake": "delta",
    }.items():
        found = scanned(str(tmp_path / name))
        assert (found.table.source["kind"], found.report.rows) == (kind, 3)
        assert {c.name: c.type for c in found.table.columns} == {"n": "integer", "x": "string"}


def test_an_iceberg_table_is_read_by_its_folder_and_by_its_metadata(tmp_path: Path) -> None:
    from pyarrow import table
    from pyiceberg.catalog.sql import SqlCatalog

    catalog = SqlCatalog("c", uri=f"sqlite:///{tmp_path}/c.db", warehouse=f"file://{tmp_path}")
    catalog.create_namespace("sales")
    rows = table({"n": [1, 2, 3]})
    made = catalog.create_table("sales.orders", schema=rows.schema)
    made.append(rows)
    for text in (made.location().removeprefix("file://"), made.metadata_location.removeprefix("file://")):
        found = scanned(text)
        assert (found.table.source["kind"], found.report.rows) == ("iceberg", 3)


def test_a_wide_table_takes_no_query_for_each_column(write, monkeypatch) -> None:
    queries = []
    monkeypatch.setattr(
        "maestro_ml.starting.labels.all_rows", lambda table: (queries.append(table), all_rows(table))[1]
    )
    names = [f"c{i}" for i in range(400)]
    lines = [",".join([*(str(i * row % 97 / 7) for i in range(400)), "ab"[row % 2]]) for row in range(30)]
    found = scanned(write("\n".join([",".join([*names, "label"]), *lines]) + "\n"))
    assert (found.label.name, len(found.table.columns)) == ("label", 401)
    assert 0 < len(queries) < 10


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_the_delimiter_is_seen(write, delimiter: str) -> None:
    found = scanned(write(f"a{delimiter}b\n1{delimiter}1,5\n2{delimiter}2,5\n"))
    assert [column.name for column in found.table.columns] == ["a", "b"]


def test_a_folder_a_packed_file_parquet_and_a_database_are_tables(tmp_path: Path) -> None:
    frame = pd.DataFrame({"n": [1, 2, 3], "x": ["a", "b", "c"]})
    (tmp_path / "many").mkdir()
    for part in range(3):
        frame.to_csv(tmp_path / "many" / f"{part}.csv", index=False)
    frame.to_parquet(tmp_path / "p.parquet")
    with gzip.open(tmp_path / "z.csv.gz", "wt") as file:
        frame.to_csv(file, index=False)
    with sqlite3.connect(tmp_path / "shop.db") as database:
        frame.to_sql("orders", database, index=False)
    rows = {text: scanned(str(tmp_path / text)).report.rows for text in ("many", "p.parquet", "z.csv.gz", "shop.db")}
    assert rows == {"many": 9, "p.parquet": 3, "z.csv.gz": 3, "shop.db": 3}
    assert scanned(f"sqlite:///{tmp_path / 'shop.db'}#orders").report.dataset == "orders"


def test_an_address_is_read(write, tmp_path: Path) -> None:
    write("a,b\n1,2\n", "far.csv")
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        found = scanned(f"http://127.0.0.1:{server.server_address[1]}/far.csv")
        server.shutdown()
    assert (found.report.dataset, found.report.rows) == ("far", 1)


@pytest.mark.parametrize(
    ("check", "message"),
    [
        ("uniqe:a", "no check 'uniqe'; did you mean 'unique'?"),
        ("unique:aa", "no column 'aa'; did you mean 'a'?"),
        ("range:a:min=x", "min"),
    ],
)
def test_a_wrong_check_is_refused(write, check: str, message: str) -> None:
    with pytest.raises(RequestError, match=message.replace("?", r"\?")):
        scanned(write("a,b\n1,2\n"), checks=[check])


def test_what_is_no_table_is_refused(write, tmp_path: Path) -> None:
    for text in (str(tmp_path / "nope.csv"), write("hello", "words.bin"), str(tmp_path / "empty.parquet")):
        with pytest.raises(RequestError):
            scanned(text)


def test_the_command_prints_a_table_and_writes_a_page(write, capsys, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    file = write("id,amount\n1,\n1,5\n2,6\n")
    assert run(["scan", file, "--check", "unique:id", "--check", "missing:amount"]) == 1
    printed = capsys.readouterr()
    assert "t: 3 rows, 2 columns" in printed.out
    assert "error unique: 1 of 3" in printed.out or "error unique" in printed.out
    assert "<html" in (tmp_path / "scan-t.html").read_text()
    assert run(["scan", file, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 3
