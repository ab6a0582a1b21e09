"""The pages that a person sees: sign in, consent, a device's code, an error."""

from html import escape

from starlette.responses import HTMLResponse, Response

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; background: #f4f4f6; color: #1d1d21; display: grid; place-items: center;
       min-height: 95vh; margin: 0 }
main { background: #fff; border: 1px solid #dcdce4; border-radius: 10px; padding: 2rem; width: min(24rem, 86vw) }
h1 { font-size: 1.25rem; margin-top: 0 } label { display: block; margin: .75rem 0 }
input:not([type=hidden]) { display: block; width: 100%; box-sizing: border-box; font: inherit; padding: .5rem;
       border: 1px solid #8d8d99; border-radius: 6px }
button { font: inherit; padding: .5rem 1.25rem; border-radius: 6px; border: 1px solid #1662dd; background: #1662dd;
       color: #fff; margin-right: .5rem } button[value=deny] { background: #fff; color: #1662dd }
.error { color: #a3132c } small { color: #6e6e78 }
"""


def page(title: str, content: str, status: int = 200) -> Response:
    """A page; it runs no script, loads nothing and is shown in no frame."""
    html = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
        f"<main><h1>{escape(title)}</h1>{content}"
        "<p><small>Okta Actions sandbox: not a real Okta org.</small></main></html>"
    )
    policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    return HTMLResponse(html, status, headers={"content-security-policy": policy})


def _hidden(**values: str) -> str:
    return "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in values.items())


def sign_in(return_to: str, *, failed: bool = False, login: str = "") -> Response:
    error = '<p class="error" role="alert">Unable to sign in.</p>' if failed else ""
    return page(
        "Sign in",
        f'{error}<form method="post" action="/login">{_hidden(return_to=return_to)}'
        '<label>Username <input name="username" autocomplete="username" required autofocus '
        f'value="{escape(login)}"></label>'
        '<label>Password <input name="password" type="password" autocomplete="current-password" required></label>'
        "<button>Sign in</button></form>",
        401 if failed else 200,
    )


def consent(client: str, login: str, scopes: list[str], action: str, proof: str, **values: str) -> Response:
    listed = "".join(f"<li><code>{escape(scope)}</code></li>" for scope in scopes)
    return page(
        f"Allow {client}?",
        f"<p>{escape(client)} asks to act as <b>{escape(login)}</b> with:</p><ul>{listed}</ul>"
        f'<form method="post" action="{action}">{_hidden(proof=proof, **values)}'
        '<button name="answer" value="allow">Allow</button><button name="answer" value="deny">Deny</button></form>',
    )


def device(error: str = "") -> Response:
    told = f'<p class="error" role="alert">{escape(error)}</p>' if error else ""
    return page(
        "Connect a device",
        f'{told}<form method="get" action="/activate"><label>Code shown on the device '
        '<input name="user_code" autocomplete="off" required autofocus></label><button>Next</button></form>',
        400 if error else 200,
    )


def refused(told: str) -> Response:
    """What somebody sees whose password was right, but who may not come in."""
    return page("You cannot sign in", f'<p class="error" role="alert">{escape(told)}</p>', 403)


def error(told: str) -> Response:
    return page("Bad request", f'<p class="error">{escape(told)}</p>', 400)
