"""The pages of the run store in Airflow's UI, behind its login."""

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fastapi import FastAPI

PREFIX = "/maestro"
FASTAPI_APP = {"name": "maestro", "url_prefix": PREFIX}
# Without a slash at its beginning it is found below the UI's own address, whatever path that has.
VIEW = {"name": "Maestro", "href": "maestro/", "destination": "nav", "url_route": "maestro", "nav_top_level": True}


class LazyApp:
    """Make the application with the first request: every Airflow process loads plugins, only the API server answers."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._app(scope, receive, send)

    @cached_property
    def _app(self) -> "FastAPI":
        return make_app()


def make_app() -> "FastAPI":
    """Return an application that answers GET for whoever may read the DAGs."""
    from airflow.api_fastapi.core_api.security import GetUserDep
    from fastapi import Depends, FastAPI, HTTPException, Response

    def may_read(user: GetUserDep) -> None:
        # the right to read every DAG: a report holds what any of them looked at
        from airflow.api_fastapi.app import get_auth_manager

        if not get_auth_manager().is_authorized_dag(method="GET", user=user):
            raise HTTPException(403, "Forbidden")

    async def page(path: str) -> Response:
        answer = await asyncio.to_thread(_answer, path)
        return Response(answer.body, answer.status, answer.headers)

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.get("/{path:path}", dependencies=[Depends(may_read)])(page)
    return app


def _answer(path: str) -> Any:
    from maestro_ml.airflow.current_project import current_project
    from maestro_ml.pages.answers import Answer, Site
    from maestro_ml.project import MaestroError

    try:
        project = current_project()
    except MaestroError as error:
        return Answer(503, str(error).encode(), "text/plain")
    return Site(project, project.locate(project.store)).answer(path)
