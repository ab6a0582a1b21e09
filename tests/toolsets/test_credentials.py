"""What people sign in with: each action asks first, says what comes of it, and lets no secret through."""

from typing import Any

from hypothesis import strategies as st

from connected_org import Org
from tools.catalogue import CATALOGUE
from worlds import USER, Arguments, Make, World


def person(org: Org, text: str) -> Arguments:
    return {"user_id": org.person(text)}


def signed_in(org: Org, text: str) -> Arguments:
    """Of somebody who has a session."""
    login = org.person(text)
    assert org.http.get(f"/api/v1/sessions/{session_of(org, login)}").status_code == 200
    return {"user_id": login}


def session_of(org: Org, login: str) -> str:
    """The id of a session that somebody begins."""
    token = org.http.post("/api/v1/authn", json={"username": login, "password": "Secret-1234"}).json()["sessionToken"]
    begun = org.http.post("/api/v1/sessions", json={"sessionToken": token})
    assert begun.status_code == 200
    return str(begun.json()["id"])


def meddle(org: Org, made: Arguments, text: str) -> None:
    org.update(made["user_id"], department=text)


def world(verb: str, status: str, query: str = "") -> World:
    return World(
        make=person,
        is_done=lambda org, made: org.user(made["user_id"])["status"] == status,
        event=f"user.account.{verb}",
        requests=rf"POST /api/v1/users/{USER}/lifecycle/{verb}{query}",
        meddle=meddle,
    )


def with_factors(org: Org, text: str) -> Arguments:
    """Of somebody with Okta Verify on a phone, who approves what it asks, and with SMS."""
    login = org.person(text)
    org.enrol_push(login, f"Phone of {text}")
    org.enrol(login, "sms", profile={"phoneNumber": "+1 555 010 9999"})
    return {"user_id": login}


def with_one_factor(org: Org, text: str) -> Arguments:
    login = org.person(text)
    return {"user_id": login, "factor_id": org.enrol(login, "sms", profile={"phoneNumber": "+1 555 010 9999"})}


PUSH = "system.push.send_factor_verify_push"
FACTOR = r"[\w-]{20}"
WORLDS: dict[str, World] = {
    "reset_password": world("reset_password", "RECOVERY", r"\?sendEmail=true"),
    "expire_password": world("expire_password", "PASSWORD_EXPIRED"),
    "clear_sessions": World(
        make=signed_in,
        is_done=lambda org, made: "user.session.clear" in org.events(made["user_id"]),
        event="user.session.clear",
        requests=rf"DELETE /api/v1/users/{USER}/sessions(\?oauthTokens=true)?",
        meddle=meddle,
        shows=False,
    ),
    "reset_factor": World(
        make=with_one_factor,
        is_done=lambda org, made: made["factor_id"] not in org.factors_of(made["user_id"]),
        event="user.mfa.factor.deactivate",
        requests=rf"DELETE /api/v1/users/{USER}/factors/{FACTOR}",
        meddle=meddle,
    ),
    "reset_all_factors": World(
        make=with_factors,
        is_done=lambda org, made: not org.factors_of(made["user_id"]),
        event="user.mfa.factor.reset_all",
        requests=rf"POST /api/v1/users/{USER}/lifecycle/reset_factors",
        meddle=meddle,
    ),
    "verify_person": World(
        make=with_factors,
        is_done=lambda org, made: PUSH in org.events(made["user_id"]),
        event=PUSH,
        requests=rf"POST /api/v1/users/{USER}/factors/{FACTOR}/verify",
        meddle=meddle,
        shows=False,
    ),
}
READS: dict[str, Make] = {
    "list_factors": with_factors,
    "list_user_grants": person,
}
READ_REQUESTS = (
    rf"/api/v1/users/{USER}/(factors|blocks|clients|grants)(\?.*)?",
    rf"/api/v1/users/{USER}/factors/{FACTOR}/transactions/[\w.-]+",
)
NAMES: dict[str, st.SearchStrategy[Any]] = {
    "factor_id": st.sampled_from(["opf00000000000000000", "sms00000000000000000"]),
    # Of people who answer late or never.
    "wait": st.integers(0, 1),
}
PHRASINGS: dict[str, tuple[str, ...]] = {
    "reset_password": (
        "Jane forgot her password",
        "send password reset link",
        "Passwort zurücksetzen",
        "réinitialiser le mot de passe de Jane",
        "resetPassword",
        "restablecer la contraseña",
        "パスワードをリセット",
    ),
    "expire_password": (
        "Make Jane choose a new password the next time she signs in",
        "expire password",
        "Passwort ablaufen lassen",
        "faire expirer le mot de passe",
        "forcePasswordChange",
        "hacer caducar la contraseña",
        "パスワードを期限切れにする",
    ),
    "clear_sessions": (
        "Sign Jane out on all her devices",
        "revoke sessions",
        "Alle Sitzungen von Jane beenden",
        "fermer toutes les sessions de Jane",
        "logout_user",
        "cerrar las sesiones de Jane",
        "セッションを終了",
    ),
    "list_factors": (
        "Does Jane have Okta Verify?",
        "enrolled authenticators",
        "Welche Faktoren hat Jane eingerichtet?",
        "lister les facteurs d'un utilisateur",
        "getUserFactors",
        "ver los factores de Jane",
        "多要素認証の要素を一覧表示",
    ),
    "reset_factor": (
        "Jane lost her phone, take Okta Verify on it away",
        "remove one MFA factor",
        "Einen Faktor zurücksetzen",
        "supprimer un facteur",
        "deleteFactor",
        "quitar un factor de Jane",
        "要素をリセット",
    ),
    "reset_all_factors": (
        "Jane has a new phone and nothing works, reset all her MFA",
        "reset all authenticators",
        "Alle Faktoren zurücksetzen",
        "réinitialiser tous les facteurs",
        "resetFactors",
        "restablecer todos los factores",
        "すべての要素をリセット",
    ),
    "verify_person": (
        "Is the caller really Jane? Send her a push",
        "identity verification push",
        "Anrufer per Push verifizieren",
        "vérifier l'identité de l'appelant",
        "sendPushChallenge",
        "verificar la identidad de quien llama",
        "本人確認のプッシュを送る",
    ),
    "list_user_grants": (
        "Which apps did Jane allow to act for her?",
        "OAuth consents of a user",
        "OAuth-Zustimmungen eines Benutzers anzeigen",
        "lister les consentements OAuth",
        "getUserGrants",
        "ver los consentimientos de Jane",
        "OAuthの同意を一覧表示",
    ),
}


def test_all_of_these_writes_ask_but_the_one_that_changes_nothing() -> None:
    assert [name for name in WORLDS if CATALOGUE[name].asks != "always"] == ["verify_person"]
