"""Places in the project file: paths and addresses."""

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, SecretStr

_HOME = re.compile(r"^([\w+.]+:///?)?(~|~[\w.-]*/.*)$")


def expect_no_home(place: str) -> str:
    """Return the place; raises ValueError if it begins with somebody's home."""
    if _HOME.match(place):
        raise ValueError(
            "~ is a different folder for each person, and none in a pod: write a path that starts at the project's "
            "folder, an absolute one, or ${env:HOME}/..."
        )
    return place


def _expect_no_home(place: SecretStr) -> SecretStr:
    expect_no_home(place.get_secret_value())
    return place


Place = Annotated[str, AfterValidator(expect_no_home)]
OptionalPlace = Annotated[Place | None, BeforeValidator(lambda place: None if place == "" else place)]
SecretPlace = Annotated[SecretStr, AfterValidator(_expect_no_home)]
