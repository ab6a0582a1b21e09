"""The kinds of factor that the org knows.

Sources: Okta's Factors API (https://developer.okta.com/docs/reference/api/factors/): which provider has which type, and
the ids of its examples. Okta FastPass (`signed_nonce`) is set up on a device only, never over the API.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class FactorKind:
    """`label` and `name` are what the System Log calls it: as a target, and in its data.

    `sends` is set where a code is sent, `seeded` where a token makes codes of a seed.
    """

    type: str
    provider: str
    label: str
    name: str
    prefix: str
    pending_prefix: str
    sends: bool = False
    seeded: bool = False
    many: bool = False
    """A person may have several."""
    by_api: bool = True
    """It can be enrolled over the API."""


KINDS = (
    FactorKind("question", "OKTA", "Security Question", "QUESTION_FACTOR", "ufs", "ufs"),
    FactorKind("token:software:totp", "OKTA", "Okta Verify", "OKTA_SOFT_TOKEN", "ost", "ost", seeded=True),
    FactorKind("token:software:totp", "GOOGLE", "Google Authenticator", "GOOGLE_AUTH", "uft", "uft", seeded=True),
    FactorKind("sms", "OKTA", "Phone", "SMS_FACTOR", "sms", "mbl", sends=True),
    FactorKind("call", "OKTA", "Phone", "CALL_FACTOR", "clf", "clf", sends=True),
    FactorKind("push", "OKTA", "Okta Verify", "OKTA_VERIFY_PUSH", "opf", "opf"),
    FactorKind("webauthn", "FIDO", "Security Key or Biometric", "FIDO_WEBAUTHN", "fwf", "fwf", many=True),
    FactorKind("email", "OKTA", "Email", "EMAIL_FACTOR", "emf", "emf", sends=True),
    FactorKind("token:hardware", "YUBICO", "YubiKey", "YUBIKEY_TOKEN", "ykf", "ykf", seeded=True),
    FactorKind("signed_nonce", "OKTA", "Okta Verify", "SIGNED_NONCE", "pfd", "pfd", by_api=False),
)
_BY_NAME = {(kind.type, kind.provider): kind for kind in KINDS}
_FIRST = {kind.type: kind.provider for kind in reversed(KINDS)}

OKTA_VERIFY = ("push", "signed_nonce", "token:software:totp")
"""Types that one app on a device enrols together, and that go together."""

QUESTIONS = {
    "disliked_food": "What is the food you least liked as a child?",
    "name_of_first_plush_toy": "What is the name of your first stuffed animal?",
    "first_award": "What did you earn your first medal or award for?",
    "favorite_security_question": "What is your favorite security question?",
    "favorite_toy": "What is the toy/stuffed animal you liked the most as a kid?",
    "first_computer_game": "What was the first computer game you played?",
    "favorite_movie_quote": "What is your favorite movie quote?",
    "first_sports_team_mascot": "What was the mascot of the first sports team you played on?",
    "first_music_purchase": "What music album or song did you first purchase?",
    "favorite_art_piece": "What is your favorite piece of art?",
    "grandmother_favorite_desert": "What was your grandmother's favorite dessert?",
    "first_thing_cooked": "What was the first thing you learned to cook?",
    "childhood_dream_job": "What was your dream job as a child?",
    "place_where_significant_other_was_met": "Where did you meet your spouse/significant other?",
    "favorite_vacation_location": "Where did you go for your favorite vacation?",
    "new_years_two_thousand": "Where were you on New Year's Eve in the year 2000?",
    "favorite_speaker_actor": "Who is your favorite speaker/orator?",
    "favorite_book_movie_character": "Who is your favorite book/movie character?",
    "favorite_sports_player": "Who is your favorite sports player?",
}
"""By key, in Okta's order (TestAccResourceOktaUserFactorQuestion_crud in okta/terraform-provider-okta)."""


def kind_of(type: str, provider: str) -> FactorKind:
    return _BY_NAME[type, provider]


def enrollable(type: str, provider: str | None) -> FactorKind | None:
    """The kind that an enrolment asks for; without a provider it is the type's own."""
    kind = _BY_NAME.get((type, provider or _FIRST.get(type, "")))
    return kind if kind is not None and kind.by_api else None
