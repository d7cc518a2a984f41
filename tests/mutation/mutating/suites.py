"""The suites that could notice a mistake, the cheap ones first.

A render costs most: the three that the tests of all objects look at are made once for a mistake, without the official
chart's objects where it cannot change them, and every test that needs no other process is run on them. What is left
are tests that render with values of their own or start something; those that speak of what stands around the mistake
come first.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from mutating.runs import Renders, Session, fails
from mutating.words import closest, count, words_around

# Of the composition; the first one leaves no template out.
RENDERS = ("full", "prod", "minikube")

# What scripts do is tested with the scripts, and what comes from outside (a registry, a document) is no template.
_NEVER = {"lock", "documents", "documented_commands", "prod_secrets"}
# One version of Kubernetes says as much as three, and who makes generated files anew does not see that they were stale.
_ASKED = "not 1.30 and not 1.33 and not comments_say"
_SLOW = ("tests/chart/test_mlflow_login.py", "charts/featurestore/tests/test_server.py")  # minutes of MLflow and Feast
_CLOSEST = 12  # tests that start something
_CLOSEST_UNITS = 2
# Objects of the official chart, whose values these change.
_OFFICIAL = re.compile(r"^# Source: maestro/charts/airflow/", re.MULTILINE)
_OWN = re.compile(r"templates/[a-z].*|charts/(?!common/)[^/]+/(templates|files)/.*")

# As tests/chart/conftest.py does: Helm ends before it matters.
os.environ.setdefault("GOGC", "800")

Suite = Callable[[], str]  # what fails, if anything


def arguments(tree: Path) -> list[str]:
    """What pytest collects."""
    found = [path for path in tree.glob("tests/chart/test_*.py") if path.stem.removeprefix("test_") not in _NEVER]
    found += tree.glob("charts/*/tests/test_*.py")
    return [*sorted(str(path.relative_to(tree)) for path in found), "-k", _ASKED]


class Suites:
    """The tests of one copy of the tree, and what is known of them."""

    def __init__(self, tree: Path, session: Session, *, quick: bool) -> None:
        from own_objects import own_objects

        self.tree, self.quick, self._session = tree, quick, session
        self._without_official = own_objects()
        for script in tree.glob("**/files/**/*.py"):  # which it leaves out
            shutil.copy(script, self._without_official / script.relative_to(tree))
        self._right = Renders({}, {})  # the renders without a mistake
        self._starting: list[str] = []  # tests that render with values of their own, or start something
        self._sound: set[str] = set()

    def failing_without_a_mistake(self) -> str:
        """Run what is quick on the tree as it is, and learn which tests are not."""
        self._right.texts = {command: text for name in RENDERS for command, text in self._render(name).items()}
        for text in self._right.texts.values():
            self._right.objects(text)
        if any(self._render(name, "templates/setup-job.yaml").items() - self._right.texts.items() for name in RENDERS):
            return "the render without the official chart's objects"
        failed, self._starting = self._session.first_failure(self._of_charts(), self._right, only_known=True)
        return failed

    def noticed_by(self, file: str, number: int) -> str:
        """The first suite or test that fails; empty when none does."""
        return next((failed for failing in self._of(file, number) if (failed := failing())), "")

    def is_sound(self, name: str) -> bool:
        """Whether what failed passes on the tree as it is; asked once for each."""
        if name not in self._sound and name.endswith(".yaml"):
            found = self._units([name])()
        elif name not in self._sound and "::" in name and (name in self._starting or not name.startswith("tests/")):
            found = self._tests([name])()
        else:
            found = ""
        self._sound.add(found or name)
        return not found

    def _of_charts(self) -> list[str]:
        return [name for name in self._session.names if name.startswith("tests/chart/")]

    def _of(self, file: str, number: int) -> Iterator[Suite]:
        if file.endswith((".sh", ".py")):
            yield from self._of_script(file)
            return
        words = words_around(self.tree / file, number)
        rank = {module: -count(self.tree / module, words) for module in {_module(n) for n in self._session.names}}
        quick = sorted(set(self._of_charts()) - set(self._starting), key=lambda name: (rank[_module(name)], name))
        made = Renders({}, dict(self._right.parsed))
        for name in RENDERS:
            if not (texts := self._render(name, file)):
                yield lambda: "render"
                return
            made.texts |= texts
        # Also when no render changes: some tests read the files themselves.
        yield self._tests(quick, made, only_known=True)
        subchart = "/".join(file.split("/")[:2]) if file.startswith("charts/") else ""
        if subcharts := self._with_unit_suites(subchart):
            yield self._command(f"unit suites {subchart}", [".tools/helm-unittest", *subcharts])
        starting = [name for name in self._starting if not (self.quick and _module(name) in _SLOW)]
        tests = closest(self.tree, words, starting)
        yield self._tests(tests[: _CLOSEST if self.quick else None], made)
        units = self._unit_files(file, words)
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
        """The tests of the files that name a file, then those of its chart."""
        modules = [
            name for name in dict.fromkeys(map(_module, self._session.names)) if not (self.quick and name in _SLOW)
        ]
        naming = [m for m in modules if re.search(rf"\b{re.escape(Path(file).name)}\b", (self.tree / m).read_text())]
        chart = "/".join(file.split("/")[:2]) + "/"
        wanted = [*naming, *(m for m in modules if m.startswith(chart) and m not in naming)]
        return [name for module in wanted for name in self._session.names if _module(name) == module]

    def _command(self, name: str, command: list[str]) -> Suite:
        return lambda: name if fails(self.tree, command) else ""

    def _units(self, files: list[str]) -> Suite:
        flags = [part for file in files for part in ("-f", file)]
        return self._command(files[0], [".tools/helm-unittest", *flags, "."])

    def _tests(self, names: list[str], renders: Renders | None = None, *, only_known: bool = False) -> Suite:
        def failed() -> str:
            return self._session.first_failure(names, renders or self._right, only_known=only_known)[0] if names else ""

        return failed

    def _render(self, name: str, file: str = "") -> dict[tuple[str, ...], str]:
        """One of what the tests of all objects look at, by Helm's command line; nothing when it cannot be made."""
        import composition

        files = [part for path in composition.RENDERS[name] for part in ("-f", path)]
        command = composition.template_command("--kube-version", composition.KUBERNETES_VERSIONS[-1], *files)
        if not _OWN.fullmatch(file):
            result = subprocess.run(command, cwd=self.tree, capture_output=True, text=True, check=False)
            return {} if result.returncode else {tuple(command): result.stdout}
        copy = self._without_official / file
        before = copy.read_text()
        copy.write_text((self.tree / file).read_text())
        here = [*command[:3], str(self._without_official), *command[4:]]
        result = subprocess.run(here, cwd=self.tree, capture_output=True, text=True, check=False)
        copy.write_text(before)
        if result.returncode:
            return {}
        right = self._right.texts[tuple(command)]
        ours = {text for text in right.split("\n---\n") if not _OFFICIAL.search(text)}
        if ours == set(result.stdout.split("\n---\n")):
            return {tuple(command): right}
        official = [text for text in right.split("\n---\n") if _OFFICIAL.search(text)]
        return {tuple(command): "\n---\n".join([result.stdout, *official])}

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


def _module(name: str) -> str:
    return name.partition("::")[0]
