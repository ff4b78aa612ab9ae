"""The app behind a real nginx, with the very file of CONTRIBUTING.md: its path, its login, its WebSocket, its name."""

from __future__ import annotations

import base64
import http.client
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.browser.driver import App, wait_for

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
pytestmark = pytest.mark.skipif(NGINX is None, reason="no nginx here (apt-get install nginx-light)")
ROOT = Path(__file__).parents[1]
NAME = "lab.example.org"
LOGIN = "Basic " + base64.b64encode(b"ann:secret").decode()
AROUND = """
daemon off;
worker_processes 1;
pid {place}/pid;
error_log {place}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {place}/body;
    proxy_temp_path {place}/proxy;
    fastcgi_temp_path {place}/fastcgi;
    uwsgi_temp_path {place}/uwsgi;
    scgi_temp_path {place}/scgi;
    {server}
}}
"""


@dataclass
class Proxy:
    """An nginx that hands on to the app."""

    port: int

    def answer(self, path: str, name: str = NAME, login: str = LOGIN, **more: str) -> tuple[int, str]:
        """Status and body of an answer, as the proxy gives it to somebody who typed that name."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Host": name, **({"Authorization": login} if login else {}), **more}
        try:
            line.request("GET", path, headers=headers)
            found = line.getresponse()
            return found.status, "" if found.status == 101 else found.read().decode(errors="replace")
        finally:
            line.close()

    def talk(self, origin: str, **how: str) -> int:
        """The answer to a page of that origin that wants to open the WebSocket."""
        upgrade = {
            "Origin": origin,
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        }
        return self.answer("/lab/_stcore/stream", **upgrade, **how)[0]


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    place = tmp_path_factory.mktemp("nginx")
    command = re.search(r"streamlit run app\.py (--server\.baseUrlPath .*)", _guide())
    assert command
    app = App(tmp_path_factory.mktemp("home"), options=tuple(command[1].split()), path="lab/")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    users = place / "users"
    users.write_text("ann:{PLAIN}secret\n", encoding="utf-8")
    (place / "nginx.conf").write_text(
        AROUND.format(place=place, server=_server(port, app.port, users)), encoding="utf-8"
    )
    place.chmod(0o755)
    assert NGINX
    app.start()
    process = subprocess.Popen([NGINX, "-c", str(place / "nginx.conf"), "-p", str(place), "-g", "user root;"])
    found = Proxy(port)
    try:
        wait_for(lambda: _listens(port), 20)
        yield found
    finally:
        process.terminate()
        process.wait(20)
        app.stop()


def _guide() -> str:
    return (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def _server(port: int, behind: int, users: Path) -> str:
    """The server of the guide, without its certificate, on ports and with users of this test."""
    (told,) = re.findall(r"^```nginx\n(.*?)^```", _guide(), re.M | re.S)
    changes = {
        "listen 443 ssl;": f"listen 127.0.0.1:{port};",
        "ssl_certificate /etc/ssl/lab.pem;": "",
        "ssl_certificate_key /etc/ssl/lab.key;": "",
        "/etc/nginx/lab.users": str(users),
        "127.0.0.1:8501": f"127.0.0.1:{behind}",
    }
    for before, after in changes.items():
        assert told.count(before) == 1, before
        told = told.replace(before, after)
    return str(told)


def _listens(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


def test_pages_and_what_they_load_come_from_below_the_path(proxy: Proxy) -> None:
    status, page = proxy.answer("/lab/")
    assert status == 200
    scripts = re.findall(r'src="\./(static/[^"]+\.js)"', page)
    assert scripts
    assert proxy.answer(f"/lab/{scripts[0]}")[0] == 200
    assert proxy.answer("/lab/_stcore/health") == (200, "ok")
    assert proxy.answer("/lab/compare")[0] == 200
    assert proxy.answer("/")[0] == 404


def test_without_a_login_nobody_comes_in(proxy: Proxy) -> None:
    wrong = "Basic " + base64.b64encode(b"ann:guess").decode()
    for login in ("", wrong):
        assert proxy.answer("/lab/", login=login)[0] == 401
        assert proxy.talk(f"http://{NAME}", login=login) == 401


def test_a_page_talks_to_the_app_and_a_foreign_page_does_not(proxy: Proxy) -> None:
    assert proxy.talk(f"http://{NAME}") == 101
    assert proxy.talk("http://evil.example") == 403
    assert proxy.talk("http://evil.example", name="evil.example") == 403
