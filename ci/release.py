"""Makes a release: wheel, source distribution, chart, bill of materials, licences, checksums, and the images.

    ci/release.py              writes dist/release/
    ci/release.py --dry-run    prints what it would write, and what is missing for it

Two runs of one commit give the same bytes: every time in them is that of the commit (SOURCE_DATE_EPOCH), and the chart
is packed in one order with one owner. It needs `make deps`. Images are built by ci/build; where no builder answers, or
with --no-images, they are left out, and the output says so.
"""

import argparse
import csv
import gzip
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
OUT = ROOT / "dist/release"
# What the images install; the estimators and engines are for whoever asks for them.
EXTRAS = {"airflow", "demo", "git", "postgres", "redis", "s3"}
BUILDERS = ("docker", "podman", "buildah")


def version() -> str:
    """Return the version, which stands in the package and nowhere else by hand (ci/version.py writes the copies)."""
    [found] = re.findall(r'^__version__ = "(.+)"$', (ROOT / "src/maestro_ml/__init__.py").read_text(), re.MULTILINE)
    return str(found)


def moment() -> int:
    """Return the time that everything in the release has: SOURCE_DATE_EPOCH, or that of the commit."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(given)
    command = ["git", "log", "-1", "--format=%ct"]
    return int(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)


def packages(root: str, extras: set[str]) -> dict[str, Distribution]:
    """Return the distributions of this environment that a package and its extras need, by their names."""
    found: dict[str, Distribution] = {}
    left = [(root, extras)]
    seen: set[tuple[str, frozenset[str]]] = set()
    while left:
        name, wanted = left.pop()
        key = re.sub(r"[-_.]+", "-", name).lower()
        if (key, frozenset(wanted)) in seen:
            continue
        seen.add((key, frozenset(wanted)))
        try:
            found[key] = distribution(name)
        except PackageNotFoundError:
            continue  # of another platform
        for text in found[key].requires or ():
            needed = Requirement(text)
            if not needed.marker or any(needed.marker.evaluate({"extra": extra}) for extra in (wanted or {""}) | {""}):
                left.append((needed.name, set(needed.extras)))
    found.pop(re.sub(r"[-_.]+", "-", root).lower())
    return dict(sorted(found.items()))


def licence_of(package: Distribution) -> str:
    """Return what a package says its licence is, in one line."""
    said = package.metadata.get("License-Expression") or ""
    classifiers = [
        c.rsplit(" :: ", 1)[-1] for c in package.metadata.get_all("Classifier") or () if c.startswith("License")
    ]
    text = str(package.metadata.get("License") or "").strip().splitlines()
    return said or "; ".join(classifiers) or (text[0][:80] if text else "not stated")


def licences(found: dict[str, Distribution]) -> str:
    """Return a table of the packages with their versions and licences."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(("package", "version", "licence"))
    table.writerows((name, package.version, licence_of(package)) for name, package in found.items())
    return out.getvalue()


def repacked(archive: bytes, epoch: int) -> bytes:
    """Return a .tgz with its files in order, of one time, one owner and plain modes."""
    packed, whole = io.BytesIO(), io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(archive)) as old, tarfile.open(fileobj=packed, mode="w") as new:
        for member in sorted((m for m in old.getmembers() if m.isfile()), key=lambda m: m.name):
            plain = tarfile.TarInfo(member.name)
            plain.size, plain.mtime = member.size, epoch
            plain.mode = 0o755 if member.mode & 0o100 else 0o644
            new.addfile(plain, old.extractfile(member))
    with gzip.GzipFile(fileobj=whole, mode="wb", mtime=epoch) as file:
        file.write(packed.getvalue())
    return whole.getvalue()


def missing() -> list[str]:
    """Return what has to be there before a release can be made."""
    problems = []
    if not list(ROOT.glob("charts/airflow-*.tgz")) or not (ROOT / ".tools/helm").exists():
        problems.append("the official chart or Helm is not there: make deps")
    if not Path(sys.executable).with_name("cyclonedx-py").exists():
        problems.append("cyclonedx-py is not there: uv pip install --group release")
    return problems


def builder() -> str:
    """Return the builder that answers; empty if there is none."""
    for name in BUILDERS:
        if shutil.which(name) and (
            name == "buildah" or not subprocess.run([name, "info"], check=False, capture_output=True).returncode
        ):
            return name
    return ""


def plan(with_images: bool) -> list[str]:
    """Return the names of what a release holds."""
    number = version()
    files = [f"maestro_ml-{number}-py3-none-any.whl", f"maestro_ml-{number}.tar.gz", f"maestro-{number}.tgz"]
    files += [f"maestro-{number}.cdx.json", f"maestro-{number}-licences.csv", "SHA256SUMS"]
    return files + ([f"image maestro-airflow:{number}", f"image maestro-training:{number}"] if with_images else [])


def make(out: Path, epoch: int) -> None:
    """Write everything but the images."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    number, beside = version(), Path(sys.executable)
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch)}
    with tempfile.TemporaryDirectory() as folder:
        build = [beside.with_name("uv"), "build", "-q", "--out-dir", folder, ROOT]
        subprocess.run(build, check=True, env=environment)
        for path in sorted(Path(folder).glob("maestro_ml-*")):
            shutil.copyfile(path, out / path.name)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [ROOT / ".tools/helm", "package", ROOT, "--destination", folder], check=True, capture_output=True
        )
        name = f"maestro-{number}.tgz"
        (out / name).write_bytes(repacked((Path(folder) / name).read_bytes(), epoch))
    found = packages("maestro-ml", EXTRAS)
    (out / f"maestro-{number}-licences.csv").write_text(licences(found))
    pins = "".join(f"{name}=={package.version}\n" for name, package in found.items())
    bill = out / f"maestro-{number}.cdx.json"
    command = [
        beside.with_name("cyclonedx-py"),
        "requirements",
        "-",
        "--output-reproducible",
        "--output-format",
        "JSON",
    ]
    subprocess.run([*command, "--output-file", bill], check=True, input=pins, text=True, capture_output=True)
    sums = "".join(f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.name}\n" for p in sorted(out.iterdir()))
    (out / "SHA256SUMS").write_text(sums)


def main() -> None:
    """Make a release, or say what it would be."""
    parser = argparse.ArgumentParser(description="Make a release in dist/release.")
    parser.add_argument("--dry-run", action="store_true", help="only print what would be made")
    parser.add_argument("--no-images", action="store_true", help="build no images")
    parser.add_argument("--out", type=Path, default=OUT, help="where it goes")
    arguments = parser.parse_args()
    found, problems = "" if arguments.no_images else builder(), missing()
    reason = "as --no-images says" if arguments.no_images else f"none of {', '.join(BUILDERS)} answers here"
    without = "" if found else f"images: left out, {reason}"
    if arguments.dry_run:
        print("\n".join([*plan(bool(found)), *filter(None, [without]), *(f"missing: {each}" for each in problems)]))
        return
    if problems:
        raise SystemExit("ci/release.py: " + "; ".join(problems))
    make(arguments.out, moment())
    print((arguments.out / "SHA256SUMS").read_text(), end="")
    if not found:
        print(without)
    else:
        subprocess.run([ROOT / "ci/build"], check=True, env={**os.environ, "BUILDER": found})


if __name__ == "__main__":
    main()
