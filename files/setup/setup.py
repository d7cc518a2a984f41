"""Brings pools, variables, connections and users to what the values say; running it again changes nothing.

Reads /setup/*.json and the Secrets under /run/secrets/maestro. A user that exists is left alone, password included.
"""

import json
import subprocess
import sys
from pathlib import Path

SETUP = Path("/setup")
SECRET_CONNECTIONS = Path("/run/secrets/maestro/connections/connections.json")


def airflow(*arguments: str) -> None:
    """Run one Airflow command; its output is shown, its arguments are not, for they can hold a password."""
    result = subprocess.run(["airflow", *arguments], check=False)
    if result.returncode:
        sys.exit(f"setup: `airflow {' '.join(arguments[:2])}` failed with exit code {result.returncode}")


def import_file(path: Path, *command: str) -> None:
    if path.exists() and json.loads(path.read_text()):
        airflow(*command, str(path))


def main() -> None:
    import_file(SETUP / "pools.json", "pools", "import")
    import_file(SETUP / "variables.json", "variables", "import", "--action-on-existing-key", "overwrite")
    import_file(SETUP / "connections.json", "connections", "import", "--overwrite")
    import_file(SECRET_CONNECTIONS, "connections", "import", "--overwrite")
    for user in json.loads((SETUP / "users.json").read_text()):
        airflow(
            "users", "create",
            "--username", user["username"],
            "--role", user["role"],
            "--email", user["email"],
            "--firstname", user["firstName"],
            "--lastname", user["lastName"],
            "--password", Path(user["passwordFile"]).read_text().rstrip("\n"),
        )  # fmt: skip


if __name__ == "__main__":
    main()
