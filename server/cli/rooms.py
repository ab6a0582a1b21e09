"""Checks that the packages to be imported are ours: other projects also use `server`, `tools` and `prompts`."""

from importlib.util import find_spec
from pathlib import Path

ROOMS = ("server", "tools", "prompts")


def foreign_rooms() -> list[str]:
    """The folders of other packages that shadow ours, found without importing them."""
    home = Path(__file__).resolve().parents[2]
    found = [spec for room in ROOMS if (spec := find_spec(room)) is not None]
    places = [
        Path(place).resolve() for spec in found for place in spec.submodule_search_locations or [spec.origin or ""]
    ]
    return [str(place) for place in places if place.parent != home]


def warning(place: str) -> str:
    return (
        f"Warning: another package is in the way: {place}. Install okta-actions with uvx or pipx, in an environment "
        "of its own."
    )
