"""The role of tasks in MLflow, on a store in memory; tests/chart/test_mlflow_login.py has a real server."""

import importlib.util
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest

SCRIPT = Path(__file__).parents[1] / "files" / "accounts.py"


@pytest.fixture(scope="module")
def accounts():
    spec = importlib.util.spec_from_file_location("accounts", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass
class Store:
    """Roles and what they may do, by kind."""

    rights: dict[str, dict[str, str]] = field(default_factory=dict)

    def list_roles(self, _workspaces):
        return [SimpleNamespace(id=name, name=name) for name in self.rights]

    def create_role(self, name, _workspace, _description):
        self.rights[name] = {}
        return SimpleNamespace(id=name, name=name)

    def list_role_permissions(self, role):
        return [
            SimpleNamespace(id=(role, kind), resource_type=kind, permission=permission)
            for kind, permission in self.rights[role].items()
        ]

    def add_role_permission(self, role, kind, pattern, permission):
        assert kind not in self.rights[role]
        assert pattern == "*"
        self.rights[role][kind] = permission

    def update_role_permission(self, permission_id, permission):
        role, kind = permission_id
        assert self.rights[role][kind] != permission
        self.rights[role][kind] = permission


def test_a_new_role_may_edit_what_tasks_make(accounts):
    store = Store()
    accounts._role(store)
    assert store.rights == {accounts.ROLE: dict.fromkeys(accounts.GRANTS, "EDIT")}
    assert set(accounts.GRANTS) >= {"experiment", "registered_model"}


@pytest.mark.parametrize("changed", ["READ", "MANAGE", "NO_PERMISSIONS"])
def test_a_right_that_somebody_changed_is_set_again_and_the_others_are_left_alone(accounts, changed):
    first, *others = accounts.GRANTS
    store = Store({"of somebody": {"experiment": "READ"}, accounts.ROLE: {first: changed}})
    accounts._role(store)
    assert store.rights[accounts.ROLE] == dict.fromkeys([first, *others], "EDIT")
    assert store.rights["of somebody"] == {"experiment": "READ"}
    accounts._role(store)
    assert store.rights[accounts.ROLE] == dict.fromkeys([first, *others], "EDIT")
