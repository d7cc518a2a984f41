"""Notify the project's people through Apprise (mail, Slack, ...), or the log if no URL is given."""

import asyncio
from typing import TYPE_CHECKING

from airflow.sdk import BaseNotifier

from maestro_ml.airflow.current_project import project_at
from maestro_ml.core.library_errors import text_of
from maestro_ml.core.notifiers import own_notifier

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airflow.sdk import Context
    from pydantic import SecretStr


class MaestroNotifier(BaseNotifier):
    """Send `title` and `body` to `alerting.notify` of the project at `project_path`.

    The URLs are read from the project file where the notifier runs, so no secret stands in a serialised DAG.
    """

    template_fields = ("title", "body")

    def __init__(self, *, project_path: str, title: str, body: str) -> None:
        super().__init__()
        self.project_path = project_path
        self.title = title
        self.body = body

    def notify(self, context: "Context") -> None:  # noqa: ARG002 - Airflow's signature
        """Send the message."""
        send(project_at(self.project_path).alerting.notify, self.title, self.body)

    async def async_notify(self, context: "Context") -> None:
        """Send the message from the triggerer, without blocking it."""
        await asyncio.to_thread(self.notify, context)


def send(addresses: "Iterable[SecretStr]", title: str, body: str) -> None:
    """Send to every address. One that fails is logged without its credentials; the others still get the message."""
    import logging

    log = logging.getLogger("maestro.notifications")
    urls = [address.get_secret_value() for address in addresses]
    log.warning("%s\n%s", title, body)
    if not urls:
        return
    import apprise

    for url in urls:
        try:
            if notifier := own_notifier(url):
                notifier(title, body)
                continue
        except Exception as error:  # of a project's own code
            log.error("the notification could not be sent through %s: %s", url, text_of(error))  # noqa: TRY400
            continue
        channel = apprise.Apprise()
        if not channel.add(url):
            log.error("alerting.notify has an address Apprise does not understand; its scheme is %s", url.split(":")[0])
        elif not channel.notify(title=title, body=body):
            log.error("the notification could not be sent through %s", channel[0].url(privacy=True))
