"""The server as the README starts it: who can reach it, and under which names."""

from __future__ import annotations

import http.client
from collections.abc import Iterator

import psutil
import pytest

from tests.browser.driver import App


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    app = App(tmp_path_factory.mktemp("home"))
    app.start()
    yield app
    app.stop()


def knock(app: App, host: str, origin: str) -> int:
    """The answer to a page from `origin` that wants to talk to the app under the name `host`."""
    talk = {
        "Host": host,
        "Origin": origin,
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    line = http.client.HTTPConnection("127.0.0.1", app.port, timeout=20)
    try:
        line.request("GET", "/_stcore/stream", headers=talk)
        return line.getresponse().status
    finally:
        line.close()


def test_it_listens_to_this_computer_alone(served: App) -> None:
    assert served.process
    listening = [
        at.laddr.ip
        for at in psutil.Process(served.process.pid).net_connections("inet")
        if at.status == psutil.CONN_LISTEN and at.laddr.port == served.port
    ]
    assert listening
    assert set(listening) <= {"127.0.0.1", "::1"}


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]", "LOCALHOST"])
def test_it_answers_to_its_own_names(served: App, name: str) -> None:
    host = f"{name}:{served.port}"
    assert knock(served, host, f"http://{host}") == 101


@pytest.mark.parametrize("name", ["evil.example", "localhost.evil.example", "0.0.0.0", "192.168.1.7", "[::2]"])
def test_a_name_that_was_rebound_to_it_is_refused(served: App, name: str) -> None:
    host = f"{name}:{served.port}"
    assert knock(served, host, f"http://{host}") == 403


def test_a_foreign_page_is_refused_under_the_right_name_too(served: App) -> None:
    assert knock(served, f"localhost:{served.port}", "http://evil.example") == 403
