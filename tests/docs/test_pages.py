"""Every page of the documentation is found from the README, by links that lead somewhere."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def links_of(page: Path) -> set[Path]:
    """Return the local files and folders that a page links to."""
    found = LINK.findall(re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL))
    return {(page.parent / link).resolve() for link in found if "://" not in link and not link.startswith("mailto:")}


def test_every_page_is_found_from_the_readme() -> None:
    seen, unread = set[Path](), {ROOT / "README.md"}
    while unread:
        page = unread.pop()
        seen.add(page)
        linked = {inside for link in links_of(page) for inside in ([link] if link.is_file() else link.glob("*.md"))}
        unread |= {link for link in linked if link.suffix == ".md" and link.is_file()} - seen
    pages = set((ROOT / "docs").rglob("*.md"))
    assert {str(page.relative_to(ROOT)) for page in pages - seen} == set()


def test_every_local_link_leads_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    broken = {(page.name, str(link)) for page in pages for link in links_of(page) if not link.exists()}
    assert broken == set()
