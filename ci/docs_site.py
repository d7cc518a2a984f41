"""Stages the documentation in build/ and builds the site from it; a broken link fails.

    ci/docs_site.py            build/docs and build/zensical.toml, then build/site
    ci/docs_site.py --stage    the first part only

The pages are read in the repository too, so they link to files outside docs/: these are staged with them, and the links
are rewritten.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
STAGED = ROOT / "build/docs"
CONFIG = ROOT / "build/zensical.toml"
OUTSIDE = ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "UPGRADE.md")
LINK = re.compile(r"(\]\()([^)#\s]+)((?:#[^)]*)?\))")
CODE = re.compile(r"(```.*?```|`[^`\n]*`)", re.DOTALL)


def place(path: Path) -> Path:
    """Return where a file of the repository stands in the site."""
    inside = path.relative_to(ROOT)
    if inside.parts[0] == "docs":
        return STAGED / inside.relative_to("docs")
    return STAGED / (inside if len(inside.parts) == 1 else Path("files") / inside)


def rewritten(text: str, page: Path) -> tuple[str, set[Path]]:
    """Return a page with its links as they are in the site, and the files outside docs/ that it links to."""
    linked = set()

    def link(found: re.Match[str]) -> str:
        target = found[2]
        path = (page.parent / target).resolve()
        if "://" in target or target.startswith("mailto:") or not path.is_file():
            return found[0]
        linked.add(path)
        return f"{found[1]}{os.path.relpath(place(path), place(page).parent)}{found[3]}"

    parts = CODE.split(text)
    return "".join(part if CODE.fullmatch(part) else LINK.sub(link, part) for part in parts), linked


def stage() -> None:
    """Write the pages, what they link to, and the configuration into build/."""
    shutil.rmtree(STAGED, ignore_errors=True)
    left = {path for path in (ROOT / "docs").rglob("*") if path.is_file()} | {ROOT / name for name in OUTSIDE}
    done = set[Path]()
    while left:
        path = left.pop()
        done.add(path)
        place(path).parent.mkdir(parents=True, exist_ok=True)
        if path.suffix != ".md":
            shutil.copyfile(path, place(path))
            continue
        text, linked = rewritten(path.read_text(encoding="utf-8"), path)
        place(path).write_text(text, encoding="utf-8")
        left |= linked - done
    CONFIG.write_text(expanded((ROOT / "ci/zensical.toml").read_text()))


def expanded(config: str) -> str:
    """Return the configuration with every `folder/*.md` of the navigation as that folder's pages, but its index."""

    def pages(found: re.Match[str]) -> str:
        names = sorted(path.name for path in (ROOT / "docs" / found[1]).glob("*.md") if path.name != "index.md")
        return ", ".join(f'"{found[1]}/{name}"' for name in names)

    return re.sub(r'"([\w/-]+)/\*\.md"', pages, config)


def main() -> None:
    """Stage, and build unless only staging is wanted."""
    stage()
    if "--stage" not in sys.argv:
        program = Path(sys.executable).with_name("zensical")
        command = [program, "build", "--strict", "--clean", "--config-file", CONFIG]
        sys.exit(subprocess.run(command, cwd=ROOT, check=False).returncode)


if __name__ == "__main__":
    main()
