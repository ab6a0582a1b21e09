"""The sandbox against recordings of the real Okta, where they are at hand."""

import pytest

from recordings import RECORDINGS, replayed

LEAST = {
    # Family of paths: how many of a hundred recorded answers are the same, at the least.
    "users": 97,
    "users/{id}": 97,
    "users/{id}/lifecycle": 97,
    "users/{id}/credentials": 100,
    "users/{id}/groups": 97,
    "users/{id}/roles": 100,
    "users/{id}/linkedObjects": 100,
    "users/{id}/risk": 100,
    "users/{id}/blocks": 100,
    "users/{id}/appLinks": 100,
    "users/{id}/sessions": 100,
    "users/{id}/factors": 100,
    "groups": 97,
    "groups/{id}": 97,
    "groups/{id}/users": 97,
    "groups/{id}/roles": 100,
    "groups/{id}/owners": 100,
    "groups/rules": 97,
    # Two instances of no application of the catalogue have names that the org counts on, one list is of 2016.
    "apps": 96,
    "apps/{id}": 97,
    "apps/{id}/lifecycle": 100,
    "apps/{id}/users": 100,
    "apps/{id}/groups": 100,
    "apps/{id}/policies": 100,
    # Requests for certificates to be signed are not taken, and recorded names of keys are not ours.
    "apps/{id}/credentials": 80,
    # In one conversation two requests crossed, and Okta lost what one of them removed: 5 answers. The schemas of
    # clients of OpenID Connect have names at random: 19.
    "meta (schemas/types)": 88,
    "sessions": 100,
    "authn": 100,
    ".well-known": 100,
    "logs": 100,
}


def test_every_family_answers_like_the_real_okta() -> None:
    if RECORDINGS is None:
        pytest.skip("the recordings of the real Okta are not beside this folder")
    figures = replayed(RECORDINGS)
    short = {
        family: (round(figures.percent(family), 1), figures.differences[family].most_common(9))
        for family, least in LEAST.items()
        if figures.percent(family) < least
    }
    assert short == {}
