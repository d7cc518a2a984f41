"""Promotion in a real Airflow: a person approves or rejects, and the ledger says who."""

import json
from pathlib import Path

import pytest
import small_projects


def orders_model(name: str, **register: object) -> dict[str, object]:
    return small_projects.model("orders", "late", "x", {"name": f"shop_{name}", **register})


PROJECT = small_projects.project(
    "shop",
    {"orders": small_projects.table("orders", {"x": "number", "late": "integer"})},
    {
        "approved": orders_model("approved", promotion="approval", approvers=["ada", "7"]),
        "rejected": orders_model("rejected", promotion="approval"),
        "unanswered": orders_model("unanswered", promotion="approval", approval_within="45m"),
        "automatic": orders_model("automatic", promotion="automatic"),
        "by_hand": orders_model("by_hand"),
    },
    training={"schedule": None, "retries": 0},
)

# Answers as the API does (airflow/api_fastapi/core_api/routes/public/hitl.py), and as the scheduler after a timeout.
RUN = """
import datetime, json, sys, threading, time
from airflow.dag_processing.bundles.manager import DagBundlesManager
from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db
from airflow.models.hitl import HITLDetail
from airflow.models.taskinstance import TaskInstance
from airflow.models.trigger import handle_event_submit
from airflow.triggers.base import TriggerEvent
from airflow.utils.session import create_session
from airflow.utils import timezone
from sqlalchemy import select
from maestro_ml.airflow.bundle import MaestroDagBundle
bag = DagBag(MaestroDagBundle(name="maestro").path, bundle_name="maestro")
assert not bag.import_errors, bag.import_errors
dag = bag.dags["model_training_pipeline"]
limit = dag.deadline[0].interval.total_seconds()
dag.deadline = None
DagBundlesManager().sync_bundles_to_db()
sync_bag_to_db(bag, "maestro", None)
ANSWERS = {0: ("Approve", {"id": "ada", "name": "Ada"}), 1: ("Reject", {"id": "bo", "name": "Bo"}), 2: ("Reject", None)}
asked = {}

def answer():
    while len(asked) < len(ANSWERS):
        time.sleep(0.5)
        with create_session() as session:
            parked = session.scalars(select(TaskInstance).where(TaskInstance.state == "awaiting_input")).all()
            for ti in parked:
                detail = session.scalar(select(HITLDetail).where(HITLDetail.ti_id == ti.id))
                option, user = ANSWERS[ti.map_index]
                seconds = (ti.trigger_timeout - timezone.utcnow()).total_seconds()
                asked[ti.map_index] = {
                    "subject": detail.subject, "body": detail.body, "minutes": round(seconds / 60),
                    "approvers": [each["id"] for each in detail.assigned_users],
                }
                detail.responded_by, detail.responded_at = user, timezone.utcnow()
                detail.chosen_options, detail.params_input = [option], {}
                session.flush()
                handle_event_submit(TriggerEvent(detail.as_resume_event_payload()), task_instance=ti, session=session)

thread = threading.Thread(target=answer, daemon=True)
thread.start()
run = dag.test(logical_date=datetime.datetime.fromisoformat("2024-01-11T00:00:00+00:00"))
states = {f"{ti.task_id}[{ti.map_index}]": ti.state for ti in run.get_task_instances()}
print(json.dumps({"state": run.state, "tasks": states, "asked": asked, "deadline": limit}))
"""


@pytest.fixture
def project(shop) -> Path:
    """Provide models of every kind of promotion, on rows they can learn."""
    return shop(PROJECT)


def test_a_person_decides_where_the_project_asks_for_it(project, run_in_airflow):
    seen = run_in_airflow(RUN)
    assert seen["state"] == "success"
    tasks = seen["tasks"]
    assert [tasks[f"model.approve[{n}]"] for n in range(5)] == ["success"] * 4 + ["skipped"]
    assert [tasks[f"model.promote[{n}]"] for n in range(5)] == ["success", "skipped", "skipped", "success", "skipped"]
    assert tasks["registered[-1]"] == "success"
    assert seen["deadline"] == 4 * 3600, "two hours to run, and two to wait"
    asked = seen["asked"]
    assert asked["0"]["subject"] == "Promote shop_approved version 1 to champion?"
    assert "accuracy" in asked["0"]["body"]
    assert "evaluate/approved/decision_record.html" in asked["0"]["body"]
    assert [asked[n]["approvers"] for n in "012"] == [["ada", "7"], [], []]
    assert asked["0"]["minutes"] in (119, 120)
    assert asked["2"]["minutes"] in (44, 45)
    champions = {}
    for name in ("approved", "rejected", "unanswered", "automatic", "by_hand"):
        entries = sorted((project / "runs/ledger" / f"shop_{name}").glob("*.json"))
        moves = [json.loads(entry.read_text()) for entry in entries]
        champions[name] = [(move["actor"], move["why"]) for move in moves if move["alias"] == "champion"]
    assert champions == {
        "approved": [("Ada (ada)", "approved in Airflow")],
        "rejected": [],
        "unanswered": [],
        "automatic": [("the step promote", "promotion: automatic")],
        "by_hand": [],
    }
    [summary] = project.glob("runs/model_training_pipeline/*/promote/rejected/result.json")
    assert json.loads(summary.read_text())["result"]["summary"].endswith("stays 'staging': rejected by Bo (bo)")
    [summary] = project.glob("runs/model_training_pipeline/*/promote/unanswered/result.json")
    assert "nobody approved it in time" in summary.read_text()
