"""Telling the project's people: Apprise URLs (mail, Slack, ...), or the log where none is given."""

import asyncio
from typing import TYPE_CHECKING

from airflow.sdk import BaseNotifier

from maestro_ml.airflow.deployment import project_at

if TYPE_CHECKING:
    from airflow.sdk import Context


class MaestroNotifier(BaseNotifier):
    """Sends `title` and `body` to `alerting.notify` of the project at `project_path`.

    The URLs are read from the project file where the notifier runs, so no secret stands in a serialised DAG.
    """

    template_fields = ("title", "body")

    def __init__(self, *, project_path: str, title: str, body: str) -> None:
        super().__init__()
        self.project_path = project_path
        self.title = title
        self.body = body

    def notify(self, context: "Context") -> None:  # noqa: ARG002 - Airflow's signature
        send(self.project_path, self.title, self.body)

    async def async_notify(self, context: "Context") -> None:
        await asyncio.to_thread(self.notify, context)


def send(project_path: str, title: str, body: str) -> None:
    """Send to every URL; a URL that fails is said in the log without its credentials, and the others still get it."""
    import logging

    log = logging.getLogger("maestro.notifications")
    urls = [url.get_secret_value() for url in project_at(project_path).alerting.notify]
    log.warning("%s\n%s", title, body)
    if not urls:
        return
    import apprise

    for url in urls:
        channel = apprise.Apprise()
        if not channel.add(url):
            log.error("alerting.notify has an address Apprise does not understand; its scheme is %s", url.split(":")[0])
        elif not channel.notify(title=title, body=body):
            log.error("the notification could not be sent through %s", channel[0].url(privacy=True))
