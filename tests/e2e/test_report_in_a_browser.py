"""The report of the flights project in a headless Chromium; it needs no cluster.

`E2E_IMAGES` (default docs/images) is where the picture for the documentation goes.
"""

import os
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from maestro_ml.project import load_project
from maestro_ml.steps import StepFolder, run_step

END = datetime(2013, 12, 1, tzinfo=UTC)
IMAGES = Path(os.environ.get("E2E_IMAGES", Path(__file__).parents[2] / "docs" / "images"))
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chromium-browser"))), None)
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1200, "height": 900}


@pytest.fixture(scope="module")
def address(flights: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Provide the report of November, after the runs of the twelve days before."""
    store = str(tmp_path_factory.mktemp("runs"))
    project = load_project(flights, environ={"MAESTRO_DATA": str(flights / "data")})
    for days in range(12, -1, -1):
        folder = StepFolder.of_run(store, "validation", f"{days} days before", "validate", "flights")
        params = {} if days == 0 else {"stages": "schema,quality,drift"}
        record = run_step("validate", project, folder, end=END - timedelta(days=days), params=params)
    return Path(record.result.artifacts["report"]).as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def show(browser: Any, address: str) -> Iterator[Any]:
    """Provide the page in a window of some size and scheme; scripts are off."""
    contexts = []

    def page(size: dict[str, int], scheme: str = "light", scale: float = 1) -> Any:
        about = {"viewport": size, "color_scheme": scheme, "device_scale_factor": scale}
        context = browser.new_context(**about, java_script_enabled=False)
        contexts.append(context)
        page = context.new_page()
        page.requests, page.complaints = [], []
        page.on("request", lambda request: page.requests.append(request.url))
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(address)
        return page

    yield page
    for context in contexts:
        context.close()


def width_of_everything(page: Any) -> float:
    """Return the right edge of the widest element that is not inside a scrolling region."""
    boxes = [box.bounding_box() for box in page.locator("main > *, main h2, main summary, main figure").all()]
    return max(box["x"] + box["width"] for box in boxes if box)


def test_it_asks_for_nothing_and_complains_of_nothing(show, address):
    page = show(DESKTOP)
    assert page.requests == [address]
    assert page.complaints == []
    assert page.title() == "flights: warn"


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_nothing_stands_out_to_the_side(show, size):
    assert width_of_everything(show(size)) <= size["width"]


def test_light_and_dark_follow_the_reader(show):
    corner = {"x": 0, "y": 0, "width": 4, "height": 4}
    light, dark = (show(PHONE, scheme).screenshot(clip=corner) for scheme in ("light", "dark"))
    assert light != dark


def test_the_keyboard_reaches_every_part(show):
    page = show(DESKTOP)
    folded = page.locator("details:not([open])")
    before = folded.count()
    folded.first.locator("> summary").focus()
    page.keyboard.press("Enter")
    assert folded.count() == before - 1
    page.keyboard.press("Tab")
    assert page.locator("main :focus").count() == 1


def test_readers_who_listen_get_words_for_every_picture(show):
    page = show(DESKTOP)
    tree = page.locator("main").aria_snapshot()
    assert 'heading "flights" [level=1]' in tree
    assert re.search(r'img "Histogram of dep_delay: now half of the values between', tree)
    assert re.search(r'img "Rows over 13 runs', tree)


def test_print_opens_what_is_folded(show, tmp_path):
    page = show(DESKTOP)
    folded = page.locator("details:not([open]) pre").first
    assert not folded.is_visible()
    page.emulate_media(media="print")
    assert folded.is_visible()


def test_its_picture_for_the_documentation(show):
    IMAGES.mkdir(parents=True, exist_ok=True)
    file = IMAGES / "report.png"
    show({"width": 1040, "height": 1330}, scale=0.7).screenshot(path=file)
    assert 20_000 < file.stat().st_size < 150_000
