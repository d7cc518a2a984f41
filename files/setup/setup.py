"""Brings pools, variables, connections and users to what the values say; running it again changes nothing.

Reads /setup/*.json and the Secrets under /run/secrets/maestro. A user that exists is left alone, password included.
"""

import json
import subprocess
import sys
from pathlib import Path

SETUP = Path("/setup")
SECRET_CONNECTIONS = Path("/run/secrets/maestro/connections/connections.json")


def airflow(*arguments: str, answers: str | None = None) -> None:
    """Run one Airflow command; its output is shown.

    `answers` is what it is told when it asks: a password stands in no argument list, and no character of it means
    anything there. In a session of its own, because the command would ask a terminal if there were one.
    """
    result = subprocess.run(["airflow", *arguments], input=answers, text=True, start_new_session=True, check=False)
    if result.returncode:
        sys.exit(f"setup: `airflow {' '.join(arguments[:2])}` failed with exit code {result.returncode}")


def import_file(path: Path, *command: str) -> None:
    if path.exists() and json.loads(path.read_text()):
        airflow(*command, str(path))


def password_of(user: dict[str, str]) -> str:
    """Return the password of the user's Secret, without the line end a file may have.

    Anything else than one line is refused: nobody could type it.
    """
    password = Path(user["passwordFile"]).read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
    if not password or len(password.splitlines()) > 1:
        sys.exit(f"setup: the password of the user {user['username']} is not one line: fix its Secret")
    return password


def main() -> None:
    import_file(SETUP / "pools.json", "pools", "import")
    import_file(SETUP / "variables.json", "variables", "import", "--action-on-existing-key", "overwrite")
    import_file(SETUP / "connections.json", "connections", "import", "--overwrite")
    import_file(SECRET_CONNECTIONS, "connections", "import", "--overwrite")
    for user in json.loads((SETUP / "users.json").read_text()):
        password = password_of(user)
        # With `=`, a name that starts with a dash is a name and no option.
        airflow(
            "users", "create",
            f"--username={user['username']}",
            f"--role={user['role']}",
            f"--email={user['email']}",
            f"--firstname={user['firstName']}",
            f"--lastname={user['lastName']}",
            answers=f"{password}\n{password}\n",  # it asks twice
        )  # fmt: skip


if __name__ == "__main__":
    main()
