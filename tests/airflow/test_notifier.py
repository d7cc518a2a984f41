"""A notifier sends its words to the project's people."""

from maestro_ml.airflow.notifier import MaestroNotifier


def test_a_notifier_sends_its_rendered_words(inbox):
    folder, received = inbox
    project = str(folder)
    MaestroNotifier(project_path=project, title="Failed: {{ what }}", body="at {{ when }}")(
        {"what": "it", "when": "noon"}
    )
    assert [(m["title"], m["message"]) for _, m in received] == [("Failed: it", "at noon")]


def test_without_addresses_it_is_the_log(mini, caplog):
    MaestroNotifier(project_path=str(mini), title="Failed", body="why")({})
    assert "Failed\nwhy" in caplog.text


def test_an_address_that_fails_is_said_without_its_password(inbox, caplog, tmp_path):
    project = tmp_path / "other"
    project.mkdir()
    text = (tmp_path / "maestro.yaml").read_text().split("alerting:")[0]
    (project / "maestro.yaml").write_text(text + "alerting: {notify: 'json://user:hush@127.0.0.1:9/'}\n")
    MaestroNotifier(project_path=str(project), title="t", body="b")({})
    assert "could not be sent" in caplog.text
    assert "hush" not in caplog.text
