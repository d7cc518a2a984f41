"""`maestro ui`: the run store as pages in a browser."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from maestro_ml.cli.options import ProjectOption, StoreOption
from maestro_ml.cli.request import Request
from maestro_ml.core.ports import UI_PORT


def ui(
    project: ProjectOption = Path(),
    store: StoreOption = None,
    host: Annotated[
        str,
        typer.Option(
            help="The address to listen on; there is no login, so take care with any other than this machine's."
        ),
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0 for any free one.")] = UI_PORT,
    open_page: Annotated[bool, typer.Option("--open", help="Show the pages in a browser.")] = False,
) -> None:
    """Show datasets, verdicts, reports, models and decisions of the run store in a browser, until Ctrl-C."""
    from maestro_ml.cli.browser import open_report
    from maestro_ml.pages.answers import Site
    from maestro_ml.pages.server import LOOPBACK, make_server

    request = Request.of(project, store=store)
    with make_server(Site(request.project, request.store), host, port) as server:
        address = f"http://{host}:{server.server_port}/"
        if host not in LOOPBACK:
            sys.stderr.write("maestro: everybody who reaches this address can read the reports; there is no login\n")
        sys.stdout.write(f"the runs of {request.project.name}: {address}   (Ctrl-C ends it)\n")
        sys.stdout.flush()
        if open_page:
            open_report(address)
        server.serve_forever()
