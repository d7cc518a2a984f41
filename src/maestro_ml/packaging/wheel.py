"""A project as a wheel: its folder inside a package that knows where it is."""

import base64
import hashlib
import re
import zipfile
from pathlib import Path

import maestro_ml
from maestro_ml.core.errors import SystemFailed
from maestro_ml.core.library_errors import reason_of
from maestro_ml.packaging.contents import Contents
from maestro_ml.project.platform import PROJECT_VARIABLE

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same files make the same wheel
_INIT = '''"""The project {name}: PROJECT is its folder, for {variable}."""

from pathlib import Path

PROJECT = Path(__file__).parent / "project"
'''
_MAIN = '"""Print the folder of the project."""\n\nfrom {package} import PROJECT\n\nprint(PROJECT)\n'
_METADATA = """\
Metadata-Version: 2.1
Name: {name}
Version: {version}
Summary: The Maestro project {project}
{requires}"""
_WHEEL = "Wheel-Version: 1.0\nGenerator: maestro {version}\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def write_wheel(contents: Contents, project: str, version: str, folder: Path) -> Path:
    """Write the wheel into a folder, and return its file; `python -m PACKAGE` prints where the project is.

    Raises:
        SystemFailed: it cannot be written.
    """
    package = f"{re.sub(r'[^a-z0-9]+', '_', project.lower()).strip('_')}_project"
    requires = [f"maestro-ml>={maestro_ml.__version__}", *_requirements(contents)]
    about = _METADATA.format(
        name=package.replace("_", "-"),
        version=version,
        project=project,
        requires="".join(f"Requires-Dist: {text}\n" for text in requires),
    )
    info = f"{package}-{version}.dist-info"
    entries = {
        f"{package}/__init__.py": _INIT.format(name=project, variable=PROJECT_VARIABLE).encode(),
        f"{package}/__main__.py": _MAIN.format(package=package).encode(),
        **{f"{package}/project/{file.as_posix()}": (contents.root / file).read_bytes() for file in contents.files},
        f"{info}/METADATA": about.encode(),
        f"{info}/WHEEL": _WHEEL.format(version=maestro_ml.__version__).encode(),
    }
    record = "".join(f"{name},sha256={_digest(data)},{len(data)}\n" for name, data in entries.items())
    entries[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    file = folder / f"{package}-{version}-py3-none-any.whl"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in entries.items():
                archive.writestr(zipfile.ZipInfo(name, _EPOCH), data, zipfile.ZIP_DEFLATED)
    except OSError as error:
        raise SystemFailed(f"{file} cannot be written: {reason_of(error)}") from error
    return file


def _requirements(contents: Contents) -> list[str]:
    """Return the lines of requirements.txt that name packages."""
    file = contents.root / "requirements.txt"
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    plain = (line.partition("#")[0].strip() for line in lines)
    return [line for line in plain if line and not line.startswith("-")]


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
