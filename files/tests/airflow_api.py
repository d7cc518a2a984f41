"""Airflow's REST API with the standard library; reads AIRFLOW_URL, AIRFLOW_USERNAME and AIRFLOW_PASSWORD."""

import json
import os
import urllib.request


def request(method: str, path: str, body: dict | None = None, *, token: str | None = None) -> dict:
    """One call; `path` starts with a slash. Raises urllib.error.HTTPError for an answer of 400 or more."""
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    data = None if body is None else json.dumps(body).encode()
    call = urllib.request.Request(os.environ["AIRFLOW_URL"] + path, data=data, headers=headers, method=method)
    with urllib.request.urlopen(call, timeout=30) as response:
        return json.load(response)


def login() -> str:
    """Return a token for the user of the tests."""
    credentials = {"username": os.environ["AIRFLOW_USERNAME"], "password": os.environ["AIRFLOW_PASSWORD"]}
    return request("POST", "/auth/token", credentials)["access_token"]
