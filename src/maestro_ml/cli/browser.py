"""Show a report in the browser of the person at the terminal."""

import sys
from pathlib import Path


def open_report(uri: str) -> None:
    """Open a local report, or a report's address, in a browser; say where it is if there is none."""
    import webbrowser

    address = uri if "://" in uri else Path(uri).resolve().as_uri()
    if not webbrowser.open(address):
        sys.stderr.write(f"maestro: there is no browser here; the report is {uri}\n")
