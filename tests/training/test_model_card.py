"""The model card: what stands in it, and that nothing in it can run."""

import re
from html.parser import HTMLParser

import pytest

from maestro_ml.project import Window
from maestro_ml.project.models import Estimator, Gate
from maestro_ml.training.candidate import Candidate, SplitSummary
from maestro_ml.training.evaluation import Evaluation, evaluate
from maestro_ml.training.examples import Examples
from maestro_ml.training.fitting import fit, schema_of
from maestro_ml.training.gate import decide
from maestro_ml.training.model_card import importances, render

FOREST = "sklearn.ensemble.RandomForestClassifier"
BAYES = "sklearn.naive_bayes.GaussianNB"


class Text(HTMLParser):
    """The texts of a page and its start tags with their attributes; knows no entity it is not given."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page.decode())
        self.text = re.sub(r"\s+", " ", " ".join(self.texts))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def card(
    examples: Examples,
    window: Window,
    above: float = 0.7,
    path: str = FOREST,
    label: str = "late",
    beat_baseline: bool | None = None,
) -> bytes:
    parameters = {"n_estimators": 5} if path == FOREST else {}
    pipeline = fit(Estimator.model_validate({"class": path, "parameters": parameters}), examples)
    candidate = Candidate(
        model="late_at_noon", dataset="trips", label=label, estimator=path, parameters=parameters,
        features=schema_of(examples), train=SplitSummary.of(window, examples), trusted_types=[], fingerprint="f",
        versions={"scikit-learn": "1.9"},
    )  # fmt: skip
    judged: Evaluation = evaluate(pipeline, examples, window, candidate.train)
    decision = decide("late_at_noon", Gate(above=above, beat_baseline=beat_baseline), judged.candidate, judged.baseline)
    return render(candidate, judged, decision, importances(pipeline))


def test_the_decision_comes_first_with_its_numbers(examples: Examples, window: Window) -> None:
    text = Text(card(examples, window)).text
    assert text.index("Passed the gate") < text.index("Metrics on 240 test rows") < text.index("Confusion matrix")
    assert "is above 0.7 and above the majority class (" in text
    assert "strictly greater than 0.7 and than that of always answering" in text
    assert "It may be registered" in text


def test_a_rejection_is_said_as_plainly(examples: Examples, window: Window) -> None:
    text = Text(card(examples, window, above=1.0)).text
    assert "Rejected by the gate" in text
    assert "It is not registered" in text
    assert "Passed" not in text


CONSTANT = "sklearn.dummy.DummyClassifier"


def box(page: bytes) -> str:
    """Return the colour of the decision."""
    [classes] = [attrs["class"] or "" for tag, attrs in Text(page).tags if (attrs.get("class") or "")[:8] == "decision"]
    return classes.removeprefix("decision ")


def test_the_colour_follows_the_decision(examples: Examples, window: Window) -> None:
    assert box(card(examples, window)) == "passed"
    assert box(card(examples, window, above=1.0)) == "rejected"
    assert box(card(examples, window, above=0.2, path=CONSTANT)) == "rejected"
    assert box(card(examples, window, above=0.2, path=CONSTANT, beat_baseline=False)) == "open"


def test_a_model_that_is_no_better_than_one_answer_is_said_to_be_so(examples: Examples, window: Window) -> None:
    rejected = Text(card(examples, window, above=0.2, path=CONSTANT)).text
    assert "Rejected by the gate" in rejected
    assert "but not above the majority class (" in rejected
    assert "to every test row" in rejected
    passed = Text(card(examples, window, above=0.0, path=CONSTANT)).text
    assert "Passed, though no better than the majority class" in passed
    assert "does not require a candidate to beat the majority class" in passed
    assert "to every test row" not in Text(card(examples, window)).text


@pytest.mark.parametrize(
    "part",
    ["ROC AUC", "Majority class", "Predicted 1", "2024-01-01 00:00", "n_estimators", "first", "scikit-learn 1.9"],
)
def test_what_a_reader_looks_for_is_there(part: str, examples: Examples, window: Window) -> None:
    assert part in Text(card(examples, window)).text


def test_features_come_by_importance_where_the_estimator_has_one(examples: Examples, window: Window) -> None:
    text = Text(card(examples, window)).text
    assert "Importance" in text
    features = text[text.index("Features") :]
    assert features.index("first") < features.index("second")
    assert "Importance" not in Text(card(examples, window, path=BAYES)).text


def test_importances_belong_to_their_columns(examples: Examples) -> None:
    swapped = Examples(examples.features[["kind", "second", "first"]], examples.labels)
    weights = importances(fit(Estimator(), swapped))
    assert next(iter(weights)) == "first"
    assert sum(weights.values()) == pytest.approx(1)


def test_nothing_runs_and_nothing_is_fetched(examples: Examples, window: Window) -> None:
    page = Text(card(examples, window, label="<script>alert(1)</script>"))
    assert {tag for tag, _ in page.tags} & {"script", "iframe", "object", "img", "link"} == set()
    assert [a for _, attrs in page.tags for a in attrs if a.startswith("on") or a in ("src", "href")] == []
    assert "<script>alert(1)</script>" in page.text
