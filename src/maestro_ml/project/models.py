"""The models: what they learn from, how they are fitted, and the gate each must pass to be registered."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from maestro_ml.core.node import Duration, ImportPath, Mistake, Name, Node
from maestro_ml.gate_rules.declared import AnyRule
from maestro_ml.gate_rules.rule import Rule
from maestro_ml.metrics.metric import CLASSES, Label, Metric, Task
from maestro_ml.metrics.names import MetricName
from maestro_ml.metrics.registry import metric_of
from maestro_ml.project.parallel import Parallel
from maestro_ml.project.pods import PodsByStep
from maestro_ml.project.preprocessing import Preprocessing
from maestro_ml.project.search import Search
from maestro_ml.project.splits import Splitting


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


# A number in one of Airflow's auth managers, a name in another.
UserId = Annotated[str, Field(min_length=1), BeforeValidator(_as_text, json_schema_input_type=str | int)]


class Estimator(Node):
    """A class with scikit-learn's API, by import path, and its keyword arguments; by default a random forest."""

    class_path: Annotated[ImportPath, Field(alias="class")] = "sklearn.ensemble.RandomForestClassifier"
    parameters: dict[str, Any] = {}
    threads: Annotated[int, Field(ge=1)] = 1  # of a fit: with another number, the last digits can differ
    parallel: Parallel | None = None  # where it fits its parts side by side


class Gate(Node):
    """A candidate is registered only if its `metric` is strictly better than the limit and than the baseline's.

    The limit is `above`, or `below` where lower is better. The baseline always gives one answer: the
    more common class. `beat_baseline: false` leaves out the comparison with it; so does an `above` of 0 or less. All of
    `rules` must hold too. `max_wrong_promotions_per_year` says how many models that are no better than the limit, or
    than the champion, may pass in a year, in expectation.
    """

    metric: MetricName = "accuracy"
    above: float = 0.85
    below: float | None = None
    beat_baseline: bool | None = None
    rules: tuple[AnyRule, ...] = ()  # that must hold too
    max_wrong_promotions_per_year: Annotated[float, Field(gt=0, le=10)] | None = None
    looks_per_year: Annotated[int, Field(ge=1)] | None = None  # by default the runs of `training.schedule` in a year

    @property
    def measure(self) -> Metric:
        """The metric itself."""
        return metric_of(self.metric)

    @property
    def limit(self) -> float:
        """The value that a candidate must be strictly better than."""
        return self.above if self.below is None else self.below

    @property
    def must_beat_baseline(self) -> bool:
        """Whether a candidate must beat always giving the same answer."""
        if self.beat_baseline is not None:
            return self.beat_baseline
        return self.above > 0 or not self.measure.higher_is_better

    @property
    def probability_metrics(self) -> tuple[str, ...]:
        """The metrics of the gate and its rules that need predicted probabilities."""
        names = (self.metric, *(rule.metric_name for rule in self.further_rules))
        return tuple(name for name in names if name and metric_of(name).needs_probabilities)

    @property
    def further_rules(self) -> tuple[Rule, ...]:
        """The rules beside the two of the gate itself, those that the budget implies among them."""
        declared = tuple(
            rule.model_copy(update={"metric": self.metric}) if getattr(rule, "metric", "") is None else rule
            for rule in self.rules
        )
        if self.max_wrong_promotions_per_year is None:
            return declared
        from maestro_ml.gate_rules.improvement import ImprovementRule
        from maestro_ml.gate_rules.threshold import ThresholdRule

        implied: list[Rule] = []
        if self.must_beat_baseline:
            side = {"above": self.above} if self.below is None else {"below": self.below}
            implied.append(ThresholdRule(rule="threshold", metric=self.metric, bound="lower", **side))
        if not any(isinstance(rule, ImprovementRule) for rule in declared):
            implied.append(ImprovementRule(rule="improvement", metric=self.metric))
        return (*implied, *declared)


class Registration(Node):
    """The registered model's name, the alias the new version gets, and how it becomes the version in use.

    A version that took `alias` gets the alias `champion` by hand (`maestro models promote`), automatically in the same
    run, or once somebody has approved it in Airflow. There `approvers` names the users who may, by their ids; without
    any, everybody may who can edit the DAG's runs. No answer within `approval_within` is a rejection.
    """

    name: Name
    alias: Name = "staging"
    champion: Name = "champion"
    promotion: Literal["by_hand", "automatic", "approval"] = "by_hand"
    approvers: tuple[UserId, ...] = ()
    approval_within: Duration | None = None  # by default as long as the deadline of `training`

    def mistakes(self) -> Iterator[Mistake]:
        """Report what only an approval would use, and two aliases of one name."""
        for key in ("approvers", "approval_within"):
            if getattr(self, key) and self.promotion != "approval":
                message = f"{key} is for an approval; add `promotion: approval`"
                yield Mistake((key,), message, (("promotion",),))
        if self.promotion != "by_hand" and self.alias == self.champion:
            message = f"both aliases are '{self.alias}', so there is nothing to promote to; choose another `champion`"
            yield Mistake(("promotion",), message, (("alias",), ("champion",)))


Leak = Literal["copy", "newer", "written_later", "key", "alone", "both_parts"]


class Leakage(Node):
    """What is done about features that give the label away: findings in `block` stop the training, others warn.

    `copy`: the label or a copy of it among the features; `newer`: a value that was known only after its row's time,
    by the column's `known_at`; `written_later`: values of a feature view that were created after their rows' time;
    `key`: a key of the dataset among them; `alone`: a feature that alone predicts with a ROC AUC (or rank correlation)
    above `max_alone`; `both_parts`: rows to test on that are also among those to fit on. Features and views in `allow`
    are not looked at.
    """

    block: tuple[Leak, ...] = ("copy", "newer")
    allow: tuple[str, ...] = ()
    max_alone: Annotated[float, Field(gt=0.5, le=1)] = 0.999


class Model(Node):
    """A model: rows from `dataset`, features from a Feast service and from the dataset's own columns."""

    dataset: str
    label: str
    task: Task | None = None  # by default: numbers if the gate's metric is one of numbers, classes otherwise
    positive: Label | None = None  # of two classes; by default the last in order: 1, true, "yes" after "no"
    feature_service: str | None = None
    columns: tuple[str, ...] = ()
    preprocessing: Preprocessing = "default"
    estimator: Estimator = Estimator.model_construct()
    class_weight: Literal["balanced"] | None = None  # every class counts as much as any other in the fit
    search: Search | None = None  # of the estimator's other parameters
    allow_pickle: bool = False  # for what skops cannot write; reading such a model runs code from its file
    window: Duration = timedelta(days=120)
    test: Duration = timedelta(days=30)
    split: Splitting | None = None  # by default, by time; of a dataset without a timestamp, by classes or at random
    leakage: Leakage = Leakage.model_construct()
    gate: Gate = Gate.model_construct()
    importance: Literal["permutation", "shap"] = "permutation"  # of the features, in the decision record
    pods: PodsByStep = {}  # what its steps' pods get beyond what `execution` says
    register_as: Annotated[Registration, Field(alias="register")]

    @property
    def predicts_numbers(self) -> bool:
        """Whether the task is a regression; which of the two other tasks it is depends on the number of classes."""
        if self.task is None:
            return not set(CLASSES) & set(self.gate.measure.tasks)
        return self.task == "regression"

    @property
    def chosen_estimator(self) -> Estimator:
        """The estimator, which is a forest of the task's kind where the project names none."""
        if "class_path" in self.estimator.model_fields_set or not self.predicts_numbers:
            return self.estimator
        return self.estimator.model_copy(update={"class_path": "sklearn.ensemble.RandomForestRegressor"})
