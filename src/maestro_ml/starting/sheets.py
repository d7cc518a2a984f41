"""Which sheet of an Excel workbook is meant, and how many rows are above its header."""

from typing import Any

from maestro_ml.core.errors import RequestError
from maestro_ml.core.near_names import did_you_mean
from maestro_ml.core.secrets import without_passwords

_ROWS = 50
_NEARLY = 0.75  # of the cells of the widest row: those of a header


def sheet_of(path: str, sheet: str) -> tuple[dict[str, Any], list[str]]:
    """Return the keys of an Excel source that name the sheet and its first row, and the other sheets.

    Args:
        sheet: its name, or empty for the first one.

    Raises:
        RequestError: there is no such sheet.
    """
    import fsspec

    try:
        from openpyxl import load_workbook

        with fsspec.open(path, "rb") as file:
            workbook = load_workbook(file, read_only=True, data_only=True)
            names = list(workbook.sheetnames)
            name = sheet or workbook.worksheets[0].title
            rows = workbook[name].iter_rows(max_row=_ROWS, values_only=True) if name in names else iter(())
            cells = [sum(cell is not None for cell in row) for row in rows]
    except Exception:  # reading the table says what is wrong with the file
        return ({"sheet": sheet} if sheet else {}), []
    if name not in names:
        raise RequestError(f"{without_passwords(path)}: no sheet '{sheet}'{did_you_mean(sheet, names)}")
    skip = next((place for place, count in enumerate(cells) if count >= _NEARLY * max(cells)), 0)
    skip = skip if any(cells[:skip]) else 0
    keys = ({"sheet": sheet} if sheet else {}) | ({"skip": skip} if skip else {})
    return keys, [other for other in names if other != name]
