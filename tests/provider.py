"""A small OpenID provider on this computer, which lets in whoever presses its button: for tests of the login."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

CLIENT, SECRET = "lab", "only-the-lab-knows"
LASTS = 600


def plain(data: bytes) -> str:
    """Bytes as tokens write them."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def new_key() -> Any:
    """A key of its own; what makes one comes with what a login needs."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(65_537, 2_048)


def signed_by(key: Any, text: str) -> str:
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    return f"{text}.{plain(key.sign(text.encode(), PKCS1v15(), SHA256()))}"


def number(value: int) -> str:
    return plain(value.to_bytes((value.bit_length() + 7) // 8, "big"))


@dataclass
class Provider:
    """Its address, its key, and the codes that it gave out, with what was asked for with each. `spoils` makes it sign
    with a key that it does not tell."""

    url: str
    key: Any = field(default_factory=new_key)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    spoils: bool = False
    refused: list[str] = field(default_factory=list)

    def metadata(self) -> dict[str, Any]:
        ways = {"authorization": "authorize", "token": "token", "end_session": "out"}
        return {
            "issuer": self.url,
            **{f"{name}_endpoint": f"{self.url}/{path}" for name, path in ways.items()},
            "jwks_uri": f"{self.url}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def keys(self) -> dict[str, Any]:
        public = self.key.public_key().public_numbers()
        told = {"kty": "RSA", "kid": "one", "use": "sig", "alg": "RS256"}
        return {"keys": [{**told, "n": number(public.n), "e": number(public.e)}]}

    def token(self, asked: dict[str, str], login: str) -> dict[str, Any] | None:
        """What a code is worth; nothing where it was never given out or is not asked for by whom it was given to."""
        given = self.codes.pop(asked.get("code", ""), None)
        if asked.get("client_id"):
            login = f"{asked['client_id']}:{asked.get('client_secret', '')}"
        verifier = plain(hashlib.sha256(asked.get("code_verifier", "").encode()).digest())
        if given is None or login != f"{CLIENT}:{SECRET}" or verifier != given["code_challenge"]:
            self.refused.append(asked.get("code", ""))
            return None
        now = int(time.time())
        claims = {
            **{"iss": self.url, "aud": CLIENT, "sub": "1", "email": "ann@example.org", "name": "Ann"},
            **{"iat": now, "exp": now + LASTS, "nonce": given["nonce"]},
        }
        head = {"alg": "RS256", "typ": "JWT", "kid": "one"}
        signed = ".".join(plain(json.dumps(part).encode()) for part in (head, claims))
        told = signed_by(new_key() if self.spoils else self.key, signed)
        return {"access_token": secrets.token_hex(8), "token_type": "Bearer", "expires_in": LASTS, "id_token": told}


@contextmanager
def provider() -> Iterator[Provider]:
    """One that answers for as long as the block takes."""

    class Answers(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Nothing."""

        def _give(self, told: object, status: int = 200, kind: str = "application/json", to: str = "") -> None:
            body = (told if isinstance(told, str) else json.dumps(told)).encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            if to:
                self.send_header("Location", to)
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            values = {key: one[-1] for key, one in parse_qs(asked.query).items()}
            if asked.path == "/.well-known/openid-configuration":
                self._give(found.metadata())
            elif asked.path == "/keys":
                self._give(found.keys())
            elif asked.path == "/authorize":
                self._give(f'<a href="/allow?{asked.query.replace("&", "&amp;")}">I am Ann</a>', kind="text/html")
            elif asked.path == "/allow":
                code = secrets.token_hex(8)
                found.codes[code] = values
                back = urlencode({"code": code, "state": values["state"]})
                self._give("", 302, to=f"{values['redirect_uri']}?{back}")
            elif asked.path == "/out":
                self._give("", 302, to=values["post_logout_redirect_uri"])
            else:
                self._give("", 404)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            given = self.headers.get("Authorization", "").removeprefix("Basic ")
            login = unquote(base64.b64decode(given).decode())
            told = found.token({key: one[-1] for key, one in parse_qs(body).items()}, login)
            self._give(told or {"error": "invalid_grant"}, 200 if told else 400)

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        found = Provider(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()
