"""The suites that could notice a mistake, the cheap ones first.

A render costs most: the three that the tests of all objects look at are made once for a mistake, and every test that
needs no other process is run on them. What is left are tests that render with values of their own or start something;
those that speak of what stands around the mistake come first.
"""

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from mutating.runs import Run, fails, pytest_fails
from mutating.words import closest, count, words_around

# Of the composition; the first one leaves no template out.
RENDERS = ("full", "prod", "minikube")

# What scripts do is tested with the scripts, and what comes from outside (a registry, a document) is no template.
_NEVER = {"lock", "documents", "documented_commands", "prod_secrets"}
# One version of Kubernetes says as much as three, and who makes generated files anew does not see that they were stale.
_ASKED = "not 1.30 and not 1.33 and not comments_say"
_CLOSEST = 12  # tests that start something
_CLOSEST_UNITS = 2

# As tests/chart/conftest.py does: Helm ends before it matters.
os.environ.setdefault("GOGC", "800")

Suite = Callable[[], str]  # what fails, if anything


class Suites:
    """The tests of one copy of the tree, and what is known of them."""

    def __init__(self, tree: Path, *, quick: bool) -> None:
        self.tree, self.quick = tree, quick
        found = sorted((tree / "tests/chart").glob("test_*.py"))
        self._modules = [str(path.relative_to(tree)) for path in found if path.stem.removeprefix("test_") not in _NEVER]
        self._starting: list[str] = []  # tests that render with values of their own, or start something
        self._right: dict[tuple[str, ...], str] = {}  # the renders without a mistake
        self._sound: set[str] = set()

    def failing_without_a_mistake(self) -> bool:
        """Run what is quick on the tree as it is, and learn which tests are not."""
        self._right = {command: text for name in RENDERS for command, text in (self._render(name) or {}).items()}
        run = Run(self.tree, [*self._modules, "-k", _ASKED], self._right, only_known=True)
        if len(self._right) < len(RENDERS) or pytest_fails(run):
            return True
        self._starting = run.left_out
        return False

    def noticed_by(self, file: str, number: int) -> str:
        """The first suite or test that fails; empty when none does."""
        return next((failed for failing in self._of(file, number) if (failed := failing())), "")

    def is_sound(self, name: str) -> bool:
        """Whether what failed passes on the tree as it is; asked once for each."""
        if name not in self._sound and name.endswith(".yaml"):
            found = self._units([name])()
        elif name not in self._sound and ".py" in name and not self._passed(name):
            found = self._tests([name] if "::" in name else name.split(), self._right)()
        else:
            found = ""
        self._sound.add(found or name)
        return not found

    def _passed(self, name: str) -> bool:
        """Whether a test was among those that ran on the tree as it is."""
        return name.startswith("tests/chart/") and "::" in name and name not in self._starting

    def _of(self, file: str, number: int) -> Iterator[Suite]:
        if file.endswith((".sh", ".py")):
            yield from self._of_script(file)
            return
        subchart = "/".join(file.split("/")[:2]) if file.startswith("charts/") else ""
        if subcharts := self._with_unit_suites(subchart):
            yield self._command(f"unit suites {subchart}", [".tools/helm-unittest", *subcharts])
        words = words_around(self.tree / file, number)
        modules = sorted(self._modules, key=lambda module: -count(self.tree / module, words))
        renders = dict(self._right)
        for name in RENDERS:
            if (made := self._render(name)) is None:
                yield lambda: "render"
                return
            renders |= made
            if not made.items() <= self._right.items():
                yield self._tests([*modules, "-k", _ASKED], made, only_known=True)
        units = self._unit_files(file, words)
        tests = closest(self.tree, words, self._starting)
        yield self._tests(tests[: _CLOSEST if self.quick else None], renders)
        for unit in units[: _CLOSEST_UNITS if self.quick else None]:
            yield self._units([unit])
        if "/files/" in file or (subchart and not self.quick):
            yield self._tests(self._naming(file))

    def _of_script(self, file: str) -> Iterator[Suite]:
        """The tests that could run a script: those that name it, and those of its chart."""
        if file.endswith(".sh"):
            yield self._command(f"syntax of {file}", ["bash", "-n", file])
        yield self._tests(self._naming(file))

    def _naming(self, file: str) -> list[str]:
        """The tests that name a file, then those of its chart."""
        tests = sorted([*self.tree.glob("charts/*/tests/test_*.py"), *self.tree.glob("tests/chart/test_*.py")])
        chart = self.tree / "/".join(file.split("/")[:2])
        naming = [path for path in tests if re.search(rf"\b{re.escape(Path(file).name)}\b", path.read_text())]
        found = [*naming, *(path for path in tests if chart in path.parents and path not in naming)]
        return [str(path.relative_to(self.tree)) for path in found]

    def _command(self, name: str, command: list[str]) -> Suite:
        return lambda: name if fails(self.tree, command) else ""

    def _units(self, files: list[str]) -> Suite:
        flags = [part for file in files for part in ("-f", file)]
        return self._command(files[0], [".tools/helm-unittest", *flags, "."])

    def _tests(
        self, arguments: list[str], renders: dict[tuple[str, ...], str] | None = None, *, only_known: bool = False
    ) -> Suite:
        def failed() -> str:
            if not arguments:
                return ""
            run = Run(self.tree, arguments, renders or {}, only_known=only_known)
            return (run.failed or " ".join(arguments)) if pytest_fails(run) else ""

        return failed

    def _render(self, name: str) -> dict[tuple[str, ...], str] | None:
        """One of what the tests of all objects look at, by Helm's command line; None when it cannot be made."""
        import composition

        files = [part for path in composition.RENDERS[name] for part in ("-f", path)]
        command = composition.template_command("--kube-version", composition.KUBERNETES_VERSIONS[-1], *files)
        result = subprocess.run(command, cwd=self.tree, capture_output=True, text=True, check=False)
        return None if result.returncode else {tuple(command): result.stdout}

    def _unit_files(self, file: str, words: set[str]) -> list[str]:
        """The unit suites of the umbrella that render this template; all of them where any may, the closest first."""
        suites = sorted((self.tree / "tests/chart/unit").glob("*_test.yaml"))
        if file.startswith("templates/") and file.endswith(".yaml"):
            suites = [path for path in suites if file in path.read_text()]
        suites.sort(key=lambda path: -count(path, words))
        return [str(path.relative_to(self.tree)) for path in suites]

    def _with_unit_suites(self, subchart: str) -> list[str]:
        """The subcharts whose unit suites render this one: itself, or all of them where it is the library of all."""
        suites = self.tree.glob("charts/*/tests/*_test.yaml")
        having = sorted({str(path.parents[1].relative_to(self.tree)) for path in suites})
        return [name for name in having if name == subchart] or (having if subchart else [])
