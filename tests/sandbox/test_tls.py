"""The org over TLS, with a certificate made on the spot."""

import os
import ssl
import stat
from pathlib import Path

import httpx2
import pytest

from server.sandbox import tls
from server.sandbox.running import RunningSandbox


def trusting(file: Path) -> ssl.SSLContext:
    """As strict as Python can be: since 3.13 it is so of itself."""
    context = ssl.create_default_context(cafile=str(file))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


def test_the_org_is_served_over_tls_to_whoever_trusts_its_authority(tmp_path: Path) -> None:
    with RunningSandbox(tls=tmp_path) as sandbox:
        assert sandbox.ca_file is not None
        port = sandbox.url.rpartition(":")[2]
        for host in ("127.0.0.1", "localhost"):
            url = f"https://{host}:{port}/.well-known/openid-configuration"
            assert httpx2.get(url, verify=trusting(sandbox.ca_file)).json()["issuer"] == f"https://{host}:{port}"
        with pytest.raises(httpx2.ConnectError, match=r"(?i)certificate"):
            httpx2.get(sandbox.url)
        with pytest.raises(httpx2.TransportError):
            httpx2.get(f"http://127.0.0.1:{port}")


def test_the_certificate_stays_so_that_clients_need_not_be_told_again(tmp_path: Path) -> None:
    made = [path.read_bytes() for path in tls.prepare(tmp_path)]
    assert [path.read_bytes() for path in tls.prepare(tmp_path)] == made


@pytest.mark.parametrize("name", [tls.CA_FILE, tls.SERVER_FILE])
@pytest.mark.parametrize("harm", ["gone", "spoilt", "another's"])
def test_a_certificate_that_is_no_good_is_made_anew(tmp_path: Path, name: str, harm: str) -> None:
    tls.prepare(tmp_path)
    if harm == "gone":
        (tmp_path / name).unlink()
    elif harm == "spoilt":
        (tmp_path / name).write_text("nothing")
    else:
        tls.prepare(tmp_path / "other")
        (tmp_path / name).write_bytes((tmp_path / "other" / name).read_bytes())
    with RunningSandbox(tls=tmp_path) as sandbox:
        assert sandbox.ca_file is not None
        assert httpx2.get(f"{sandbox.url}/oauth2/v1/keys", verify=trusting(sandbox.ca_file)).status_code == 200


def test_only_the_owner_can_read_the_servers_key_and_nobody_has_the_authoritys(tmp_path: Path) -> None:
    (tmp_path / tls.SERVER_FILE).write_text("")
    (tmp_path / tls.SERVER_FILE).chmod(0o644)
    authority, server = tls.prepare(tmp_path)
    assert stat.S_IMODE(os.stat(server).st_mode) == 0o600  # noqa: PTH116
    assert "PRIVATE KEY" not in authority.read_text()
    assert server.read_text().count("PRIVATE KEY-----") == 2, "one key, its beginning and its end"


@pytest.mark.parametrize("proto", ["https", "http"])
def test_behind_a_proxy_the_org_takes_its_url_from_the_proxys_headers(proto: str) -> None:
    headers = {"x-forwarded-proto": proto, "host": "okta.example.com"}
    with RunningSandbox() as sandbox:
        document = httpx2.get(f"{sandbox.url}/.well-known/openid-configuration", headers=headers).json()
    assert document["token_endpoint"] == f"{proto}://okta.example.com/oauth2/v1/token"
