"""What rules have in common."""

from abc import abstractmethod
from typing import ClassVar, get_args

from maestro_ml.core.node import Node
from maestro_ml.gate_rules.evidence import Evidence
from maestro_ml.gate_rules.outcome import RuleOutcome


def words(metric: str) -> str:
    """Return a metric's name as a sentence has it."""
    return metric.replace("_", " ")


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

    @abstractmethod
    def judge(self, evidence: Evidence) -> RuleOutcome:
        """Return whether the candidate meets the rule, with every number that led there."""
