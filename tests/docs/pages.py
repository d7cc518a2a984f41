"""The blocks of the documentation: what a page shows as code, with where it stands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_FENCE = re.compile(r"^( *)```(\w*)$")


@dataclass(frozen=True)
class Block:
    """A piece of code in a page.

    Attributes:
        language: what the fence says; empty of an indented block.
    """

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks_of(page: Path) -> Iterator[Block]:
    """Yield the fenced and the indented blocks of a page."""
    lines = [*page.read_text(encoding="utf-8").splitlines(), ""]
    start, language, indent, fenced = 0, "", 0, False
    collected: list[str] = []
    for number, line in enumerate(lines, start=1):
        fence = _FENCE.match(line)
        if fence and not fenced:
            fenced, language, indent, start, collected = True, fence[2], len(fence[1]), number + 1, []
        elif fence:
            fenced = False
            yield Block(page, start, language, "\n".join(each[indent:] for each in collected))
            collected = []
        elif fenced or (line.startswith("    ") and (collected or not lines[number - 2].strip() or number == 1)):
            if not collected and not fenced:
                start = number
            collected.append(line)
        elif collected and line.strip():
            yield _indented(page, start, collected)
            collected = []
        elif collected:
            collected.append("")
    if collected:
        yield _indented(page, start, collected)


def _indented(page: Path, start: int, lines: list[str]) -> Block:
    by = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
    return Block(page, start, "", "\n".join(line[by:] for line in lines).strip("\n"))


ALL = [block for page in PAGES for block in blocks_of(page)]
