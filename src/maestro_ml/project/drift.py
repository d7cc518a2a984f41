"""Drift: whether a window's values still come from the distribution of the reference."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from maestro_ml.core.node import IMPORT_PATH, Mistake, Node, Seed, Severity
from maestro_ml.core.plugins import PluginError
from maestro_ml.drift_methods.method import DriftMethod, Kind
from maestro_ml.drift_methods.registry import METHODS

Correction = Literal["none", "holm", "benjamini-hochberg"]
_UNLESS_NAMED = "chi_square"  # how a text or boolean label is compared where no test for such columns is named
_OWN_KEY = "max_"  # with the name of a method: the key of its limit, if `Drift` has one; other limits stand in `limits`


class _MethodName:
    """The name or the import path of a drift method for columns of one kind."""

    def __init__(self, kind: Kind, *others: str) -> None:
        self.kind, self.others = kind, others

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self._checked, serialization=core_schema.to_string_ser_schema()
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [{"enum": self._names(), "type": "string"}, {"type": "string", "pattern": IMPORT_PATH}]}

    def _checked(self, value: Any) -> str:
        if value in self.others:
            return str(value)
        try:
            method = METHODS.find(value) if isinstance(value, str) else None
        except PluginError as error:
            raise PydanticCustomError("plugin", "{error}", {"error": str(error)}) from error
        if method is None or self.kind not in method.kinds:
            *first, last = (f"'{name}'" for name in self._names())
            expected = f"{', '.join(first)} or {last}"
            raise PydanticCustomError("literal_error", "Input should be {expected}", {"expected": expected})
        return str(value)

    def _names(self) -> list[str]:
        return [*self.others, *(name for name, method in METHODS.known().items() if self.kind in method.kinds)]


class DriftTests(Node):
    """How each kind of column is compared; with `categorical: none`, text and boolean columns are not tested."""

    numeric: Annotated[str, _MethodName("numeric")] = "ks"
    categorical: Annotated[str, _MethodName("categorical", "none")] = "none"

    def method(self, kind: Kind) -> DriftMethod:
        """Return the method for columns of a kind."""
        categorical = _UNLESS_NAMED if self.categorical == "none" else self.categorical
        method = METHODS.find(self.numeric if kind == "numeric" else categorical)
        if method is None:
            raise ValueError(f"no drift method {self.numeric if kind == 'numeric' else categorical}")
        return method


class DomainClassifier(Node):
    """A classifier that tries to distinguish the window's rows from the reference's; without drift, it cannot."""

    max_auc: Annotated[float, Field(ge=0.5, lt=1)] = 0.6
    sample: Annotated[int, Field(ge=200)] = 10_000  # rows of each side
    seed: Seed = 0


class Drift(Node):
    """A test per column against the reference.

    `labels` and `predictions` are tested too, under check names of their own; a text or boolean one with chi-square.
    """

    columns: tuple[str, ...] = ()  # empty: every column of the contract that the tests can take
    tests: DriftTests = DriftTests.model_construct()
    p_value: Annotated[float, Field(gt=0, lt=1)] = 0.05
    correction: Correction = "none"
    # a difference smaller than this is no drift, however small p: D for ks, Cramér's V for chi_square
    min_effect: Annotated[float, Field(gt=0, le=1)] | None = None
    max_psi: Annotated[float, Field(gt=0)] = 0.2
    max_wasserstein: Annotated[float, Field(gt=0)] = 0.1  # in standard deviations of the reference
    limits: dict[str, Annotated[float, Field(gt=0)]] = {}  # of the other methods that have one, by their names
    labels: tuple[str, ...] = ()
    predictions: tuple[str, ...] = ()
    classifier: DomainClassifier | None = None
    severity: Severity = "warn"

    def mistakes(self) -> Iterator[Mistake]:
        """Report limits that do not suit the chosen tests."""
        for name in self.limits:
            methods = [self.tests.method(kind).name for kind in get_args(Kind)]
            message = None
            if _OWN_KEY + name in type(self).model_fields:
                message = f"write {_OWN_KEY}{name} beside `limits`"
            elif name not in methods:
                message = f"no column is tested by {name}; `tests` names {' and '.join(dict.fromkeys(methods))}"
            if message:
                yield Mistake(("limits", name), message, (("tests",),))
        used = [self.tests.method("numeric")]
        if self.tests.categorical != "none" or self.labels or self.predictions:
            used.append(self.tests.method("categorical"))
        yield from self._without_effect([method for method in used if not self.judges_size(method)], used)

    def _without_effect(self, by_p_value: list[DriftMethod], used: list[DriftMethod]) -> Iterator[Mistake]:
        """Yield settings that no test would heed."""
        names = " and ".join(dict.fromkeys(method.name for method in used))
        for field in ("correction", "min_effect"):
            if field in self.model_fields_set and getattr(self, field) not in (None, "none") and not by_p_value:
                message = f"{field} is about p-values, and the size decides for {names}"
                yield Mistake((field,), message, (("tests",), ("limits",)))
        for key in sorted(self.model_fields_set):
            name = key.removeprefix(_OWN_KEY)
            if name != key and name not in (method.name for method in used):
                yield Mistake((key,), f"no column is tested by {name}; `tests` names {names}", (("tests",),))

    def judges_size(self, method: DriftMethod) -> bool:
        """Return whether a limit decides, and no p-value: it is the method's own, or stands in `limits`."""
        return method.limit is not None or method.name in self.limits

    def limit_of(self, method: DriftMethod) -> float:
        """Return the largest statistic, or effect where the method has a p-value, that is no drift."""
        own = getattr(self, _OWN_KEY + method.name, method.limit)
        return float(self.limits.get(method.name, own or 0.0))
