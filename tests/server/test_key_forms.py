"""A private key is read in every form in which people paste one."""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable

import pytest

from server.connections.keys import Key, dumped, generate, load
from tools.okta.errors import InvalidInput

FORMS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "line breaks spelt out": lambda text: text.replace("\n", "\\n"),
    "line breaks of Windows": lambda text: text.replace("\n", "\r\n"),
    "on one line": lambda text: text.replace("\n", " "),
    "with a byte order mark": lambda text: f"\ufeff{text}",
    "in quotation marks": lambda text: f'"{text}"',
    "in base64": lambda text: b64encode(text.encode()).decode(),
    "line breaks spelt out twice": lambda text: text.replace("\n", "\\\\n"),
    "as a text in JSON": json.dumps,
    "indented": lambda text: "\n".join(f"   {line}" for line in text.splitlines()),
    "in base64 without its end": lambda text: b64encode(text.encode()).decode().rstrip("="),
    "in base64 for URLs": lambda text: urlsafe_b64encode(text.encode()).decode(),
    "in base64 with line breaks": lambda text: "\n".join(
        b64encode(text.encode()).decode()[n : n + 64] for n in range(0, 9999, 64)
    ),
}


@pytest.mark.parametrize("kind", ["EC", "RSA"])
@pytest.mark.parametrize("form", FORMS)
def test_a_key_is_read_as_people_paste_it(kind: str, form: str) -> None:
    key: Key = generate(kind)
    pem = key.as_pem(private=True).decode()
    assert load(FORMS[form](pem)).thumbprint() == key.thumbprint()
    assert load(FORMS[form](dumped(key))).thumbprint() == key.thumbprint()


def test_a_jwk_keeps_the_key_id_that_okta_chose() -> None:
    given = {**generate().as_dict(private=True), "kid": "chosen-by-okta"}
    assert load(str(given).replace("'", '"')).as_dict(private=False)["kid"] == "chosen-by-okta"


@pytest.mark.parametrize(
    "head", ["-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIE", "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED"]
)
def test_an_encrypted_key_is_refused_with_what_to_do(head: str) -> None:
    with pytest.raises(InvalidInput, match="encrypted with a passphrase"):
        load(f"{head}\n")


def test_of_a_set_the_private_key_is_taken_or_the_one_that_is_named() -> None:
    one, two = ({**generate().as_dict(private=True), "kid": kid} for kid in ("one", "two"))
    public = {name: value for name, value in two.items() if name != "d"}
    assert load(json.dumps({"keys": [public, one]})).as_dict(private=False)["kid"] == "one"
    assert load(json.dumps({"keys": [one, two]}), "two").as_dict(private=True)["d"] == two["d"]
    with pytest.raises(InvalidInput, match="2 private keys"):
        load(json.dumps({"keys": [one, two]}))


@pytest.mark.parametrize(
    "text",
    ["", "null", "5", "{}", '{"keys": []}', '{"keys": "x"}', '{"kty": "oct", "k": "AAAA"}', '{"a":' * 9000, "[" * 9000],
)
def test_what_is_no_key_is_refused_as_such(text: str) -> None:
    with pytest.raises(InvalidInput, match="private key cannot be used"):
        load(text)


@pytest.mark.parametrize("path", ["/etc/okta/key.pem", "~/key", "./key.jwk", "key.pem", "C:\\keys\\okta.pem"])
def test_a_path_in_place_of_a_key_is_told_apart(path: str) -> None:
    with pytest.raises(InvalidInput, match="file's path"):
        load(path)
