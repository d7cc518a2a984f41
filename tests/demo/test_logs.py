"""The end of a task's log, for a person."""

from maestro_ml.demo.logs import last_lines

TASK = {"dag_id": "d", "dag_run_id": "r", "task_id": "g.t", "map_index": 1}


def test_the_last_try_in_plain_words(tmp_path):
    folder = tmp_path / "dag_id=d" / "run_id=r" / "task_id=g.t" / "map_index=1"
    folder.mkdir(parents=True)
    (folder / "attempt=1.log").write_text('{"event": "first", "level": "info"}\n')
    error = '{"event": "failed", "level": "error", "error_detail": [{"exc_type": "E", "exc_value": "why"}]}'
    (folder / "attempt=2.log").write_text(f"plain\n{error}\n")
    text = last_lines(tmp_path, TASK)
    assert text.splitlines()[:3] == ["plain", "error    failed", "  E: why"]
    assert text.endswith("attempt=2.log")


def test_a_task_without_a_log_says_where_it_looked(tmp_path):
    assert "no log in" in last_lines(tmp_path, {**TASK, "map_index": -1})
