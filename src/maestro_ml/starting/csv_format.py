"""How a CSV file is written, as its first lines show: encoding, delimiter, lines above the header, header."""

import codecs
import csv
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from maestro_ml.core.errors import RequestError
from maestro_ml.core.filesystems import filesystem_of
from maestro_ml.core.library_errors import text_of
from maestro_ml.core.secrets import without_passwords

_DELIMITERS = ",;\t|"
_HEAD = 65_536  # bytes, then characters
_LINES = 50
_BLOCK = 1 << 20
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_NOT_IN_CP1252 = b"\x81\x8d\x8f\x90\x9d"
_MANY = 4  # of 16 bits, where text is mostly ASCII, one is a null


def first_bytes(name: str) -> bytes:
    """Return the beginning of a file, unpacked; raises RequestError if it cannot be read."""
    import fsspec

    try:
        filesystem_of(name)  # says what is not installed
        with fsspec.open(name, "rb", compression="infer") as file:
            return bytes(file.read(_HEAD))
    except (OSError, ValueError, ImportError) as error:
        raise RequestError(f"{without_passwords(name)} cannot be read: {text_of(error)}") from error


def first_text(name: str, encoding: str | None = None) -> str:
    """Return the beginning of a text file; without an encoding, in that of its byte order mark, or UTF-8."""
    head = first_bytes(name)
    if encoding is None:
        encoding = "utf-8-sig"
        if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
            encoding = "utf-32"
        elif head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            encoding = "utf-16"
    return head.decode(encoding, errors="replace").replace("\r\n", "\n").replace("\r", "\n")


def format_of(name: str, encoding: str | None = None) -> dict[str, Any]:
    """Return the keys of a CSV source that say how a file is written; none of a plain one."""
    encoding = encoding or encoding_of(name)
    head = first_text(name, encoding)
    delimiter, skip = _layout(head)
    found: dict[str, Any] = {} if delimiter == "," else {"delimiter": delimiter}
    found |= {"skip": skip} if skip else {}
    found |= {"encoding": encoding} if encoding else {}
    [names] = list(csv.reader(head.splitlines()[skip : skip + 1], delimiter=delimiter)) or [[]]
    if all(len(text) > 1 and text[0] == text[-1] == "'" for text in names) and names:
        found["quote"] = "'"
        names = [text[1:-1] for text in names]
    if len(names) == 1 and _is_aligned(head):
        raise RequestError(
            f"{without_passwords(name)}: its columns are aligned by blanks, which is no delimiter; "
            f"write one character between the fields, as with: sed 's/^ *//; s/  */,/g'"
        )
    return found | ({"header": False} if _is_a_row(names) else {})


def encoding_of(name: str) -> str | None:
    """Return the encoding of a text file that is not in UTF-8 and has no byte order mark; a local one is read whole."""
    head = first_bytes(name)
    if head.startswith(_MARKS):
        return None
    if head.count(0) * _MANY > len(head):
        return "utf-16-le" if head[1:2] == b"\0" else "utf-16-be"
    decoder = codecs.getincrementaldecoder("utf-8")()
    foreign = b""
    for block in [head] if "://" in name else _blocks(name):
        try:
            decoder.decode(block)
        except UnicodeDecodeError:
            foreign = block
            break
    if not foreign:
        return None
    return "latin-1" if any(byte in foreign for byte in _NOT_IN_CP1252) else "cp1252"


def header_of(source: dict[str, Any], name: str) -> list[str]:
    """Return the columns of a CSV source, from one of its files; those without a name are left out."""
    head = first_text(name, source.get("encoding"))
    lines = head.splitlines()[source.get("skip", 0) :]
    rows = csv.reader(lines, delimiter=source.get("delimiter", ","), quotechar=source.get("quote", '"'))
    names = next(iter(rows), [])
    if not source.get("header", True):
        return [f"column{place}" for place in range(len(names))]
    return list(dict.fromkeys(name for name in names if name))


def _blocks(name: str) -> Any:
    import fsspec

    with fsspec.open(name, "rb", compression="infer") as file:
        while block := file.read(_BLOCK):
            yield block


def _layout(head: str) -> tuple[str, int]:
    """Return the delimiter, and how many lines are above the header.

    The delimiter is the sign that parts the lines into the same number of fields, of several the one that makes most.
    Lines above the header are a title and the like: they have fewer fields than all lines from the header on.
    """
    found: dict[str, tuple[int, int]] = {}
    whole = head if len(head) < _HEAD else head[: head.rfind("\n")]
    for sign in _DELIMITERS:
        reader = csv.reader(whole.splitlines()[:_LINES], delimiter=sign)
        begins, rows = [], []
        try:
            line = 0
            for row in reader:
                if row:
                    begins.append(line)
                    rows.append(len(row))
                line = reader.line_num
        except csv.Error:
            continue
        if (first := _first_of_table(rows)) is not None:
            found[sign] = rows[first], begins[first] if first else 0
    many = [sign for sign, (width, _) in found.items() if width > 1]
    best = max(many, key=lambda sign: (not found[sign][1], found[sign][0]), default=",")
    return best, found.get(best, (0, 0))[1]


def _first_of_table(widths: Sequence[int]) -> int | None:
    """Return the place of the first of the lines that are all as wide as most are; None where others are between."""
    if not widths:
        return None
    width = Counter(widths).most_common(1)[0][0]
    first = widths.index(width)
    above, table = widths[:first], widths[first:]
    if set(table) != {width} or any(each > width for each in above) or len(above) >= len(table):
        return None
    return first


def _is_aligned(head: str) -> bool:
    """Return whether each line has as many words as the others, with blanks before or between them."""
    lines = [line for line in head.splitlines()[:-1][:_LINES] if line.strip()]
    words = {len(line.split()) for line in lines}
    return (
        len(lines) > 1 and len(words) == 1 and words.pop() > 1 and all("  " in line or line[0] == " " for line in lines)
    )


def _is_a_row(names: Sequence[str]) -> bool:
    """Return whether a first line holds values: a number that is no name, as years and counted columns are names."""
    numbers = [number for name in names if (number := _number(name)) is not None]
    if not numbers:
        return False
    counted = all(number == int(number) for number in numbers) and all(a < b for a, b in pairwise(numbers))
    return not counted


def _number(name: str) -> float | None:
    try:
        number = float(name)
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None
