"""What rules have in common."""

from abc import abstractmethod
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, ClassVar, get_args

from maestro_ml.core.node import Mistake, Node, Path
from maestro_ml.core.wording import numbers
from maestro_ml.metrics.metric import NOT_DEFINED, Metric
from maestro_ml.metrics.registry import metric_of

if TYPE_CHECKING:
    from maestro_ml.gate_rules.evidence import Evidence
    from maestro_ml.gate_rules.outcome import RuleOutcome


def words(metric: str) -> str:
    """Return a metric's name as a sentence has it."""
    return metric.replace("_", " ")


def in_words(*measured: float | None) -> list[str]:
    """Write values of a metric beside each other; a value that the rows do not define is called so."""
    known = (None if value is None or isnan(value) else value for value in measured)
    return numbers(*known, absent=NOT_DEFINED)


@dataclass(frozen=True)
class JudgedModel:
    """What a rule may know of the model whose candidates it judges, before there is one.

    Attributes:
        metric: the gate's.
        features: the columns the model learns from; None where they are a feature service's.
        is_hidden: whether no value of a column may be shown.
        metric_key: where the project file says the metric.
        features_key: where it says the features.
    """

    metric: Metric
    features: Collection[str] | None
    is_hidden: Callable[[str], bool]
    metric_key: Path
    features_key: Path


class Rule(Node):
    """A rule that a gate declares; each kind states its name as `rule: Literal["name"]`.

    Attributes:
        why: why a candidate that breaks the rule should not be used.
    """

    why: ClassVar[str]

    rule: str

    @classmethod
    def name(cls) -> str:
        """Return the name outcomes carry."""
        [name] = get_args(cls.model_fields["rule"].annotation)
        return str(name)

    @property
    def metric_name(self) -> str | None:
        """The metric the rule looks at; None if it looks at something else."""
        return getattr(self, "metric", None)

    @property
    def needs_champion(self) -> bool:
        """Whether the rule compares with the version in use."""
        return False

    def mistakes_with(self, model: JudgedModel) -> Iterator[Mistake]:
        """Report what does not suit the model, at keys of the rule."""
        name = self.metric_name
        if name is not None and not set(metric_of(name).tasks) & set(model.metric.tasks):
            there = ("metric",) if "metric" in self.model_fields_set else ()
            message = f"{name} and the gate's {model.metric.name} are not metrics of one task"
            yield Mistake(there, message, (model.metric_key,))

    @abstractmethod
    def judge(self, evidence: "Evidence") -> "RuleOutcome":
        """Return whether the candidate meets the rule, with every number that led there."""
