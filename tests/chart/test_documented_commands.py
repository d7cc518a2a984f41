"""Commands that people copy: an install that reports success has done the setup."""

import re

import pytest
from composition import ROOT

PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("values/*.yaml"), *ROOT.glob("scripts/*.sh")]
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_helm_waits_for_the_setup_too(page):
    commands = re.findall(r"helm.* (?:install|upgrade) .*", page.read_text().replace("\\\n", " "))
    assert [command for command in commands if "--wait " in command and "--wait-for-jobs" not in command] == []
