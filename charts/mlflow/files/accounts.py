"""Brings MLflow's accounts to what the Secrets say, before the server starts; running it again changes nothing.

The administrator may do everything. The account that tasks and training pods log in with may make and change runs,
models and aliases, and delete no run, model or version. A password that was changed in its Secret is changed here.
"""

import os
import sys

ROLE, WORKSPACE = "maestro-tasks", "default"
# EDIT reads, makes and changes. Whoever makes an experiment or a model may manage that one; the narrower grants on
# what is in it decide there, and without the right to delete its runs or versions nobody deletes the whole.
GRANTS = ("experiment", "run", "logged_model", "registered_model", "registered_model_version")
# Any number; while one server holds it another waits, so that two do not make the tables at once.
LOCK = 6_352_871


def main() -> None:
    from mlflow.server import auth

    administrator, client = (
        (os.environ[f"{prefix}_USERNAME"], os.environ[f"{prefix}_PASSWORD"])
        for prefix in ("MLFLOW_AUTH_ADMIN", "MLFLOW_CLIENT")
    )
    if administrator[0] == client[0]:
        sys.exit(f"accounts: administrator and clients have the same name, {client[0]}: change one Secret")
    store, uri = auth.store, auth.auth_config.database_uri
    lock = None
    if uri.startswith("postgresql"):
        from mlflow.store.db.utils import create_sqlalchemy_engine_with_retry
        from sqlalchemy import text

        lock = create_sqlalchemy_engine_with_retry(uri).connect()
        lock.execute(text(f"SELECT pg_advisory_lock({LOCK})"))
    store.init_db(uri)
    _account(store, *administrator, is_admin=True)
    user = _account(store, *client, is_admin=False)
    role = _role(store)
    if role.id not in {held.id for held in store.list_user_roles(user.id)}:
        store.assign_role_to_user(user.id, role.id)
    if lock is not None:
        lock.close()
    print(f"accounts: {administrator[0]} administers, {client[0]} has the role {ROLE}")


def _account(store, name: str, password: str, *, is_admin: bool):
    from mlflow.exceptions import MlflowException

    try:
        if store.has_user(name):
            return store.update_user(name, password, is_admin)
        return store.create_user(name, password, is_admin)
    except MlflowException as error:
        sys.exit(f"accounts: the account {name!r} cannot be made: {error.message}")


def _role(store):
    roles = {role.name: role for role in store.list_roles([WORKSPACE])}
    role = roles.get(ROLE) or store.create_role(ROLE, WORKSPACE, "Tasks and training pods of Maestro")
    held = {grant.resource_type: grant for grant in store.list_role_permissions(role.id)}
    for kind in GRANTS:
        if kind not in held:
            store.add_role_permission(role.id, kind, "*", "EDIT")
        elif held[kind].permission != "EDIT":
            store.update_role_permission(held[kind].id, "EDIT")
    return role


if __name__ == "__main__":
    main()
