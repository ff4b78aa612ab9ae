"""The login of Streamlit's own, through a whole OpenID provider that answers on this computer alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE
from tests.browser.driver import CALM, App, still
from tests.provider import CLIENT, SECRET, Provider, provider

MISSING = "what a login needs is not installed: pip install -r requirements-login.txt"
pytest.importorskip("authlib", reason=MISSING)
pytest.importorskip("httpx", reason=MISSING)
AUTH = """
[auth]
redirect_uri = "{url}oauth2callback"
cookie_secret = "{cookie}"
client_id = "{client}"
client_secret = "{secret}"
server_metadata_url = "{provider}/.well-known/openid-configuration"
"""


@pytest.fixture(scope="module")
def asked() -> Iterator[Provider]:
    with provider() as found:
        yield found


@pytest.fixture(scope="module")
def shared(asked: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    file = tmp_path_factory.mktemp("secrets") / "secrets.toml"
    app = App(tmp_path_factory.mktemp("home"), options=("--secrets.files", str(file)))
    told = {"url": app.url, "cookie": "c" * 32, "client": CLIENT, "secret": SECRET, "provider": asked.url}
    file.write_text(AUTH.format(**told), encoding="utf-8")
    app.start()
    yield app
    app.stop()


@pytest.fixture
def page(chrome: Browser) -> Iterator[Page]:
    """A tab of a browser that nobody has logged in with."""
    context = chrome.new_context(**CALM)
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def outside(page: Page) -> None:
    """Of the page nothing but the login is there."""
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    still(page)
    assert page.locator("h1").all_inner_texts() == ["PDCN Explorer"]


def test_in_through_the_provider_and_not_with_a_changed_cookie(page: Page, shared: App, asked: Provider) -> None:
    page.goto(f"{shared.url}runs")
    outside(page)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("link", name="I am Ann").click()
    expect(page.get_by_role("button", name="Log in")).to_have_count(0)
    still(page)
    assert page.url.startswith(shared.url)
    page.goto(f"{shared.url}runs")  # the cookie carries it
    expect(page.locator("h1")).to_have_text("Runs")
    cookies = {one["name"]: one for one in page.context.cookies()}
    user = cookies["_streamlit_user"]
    assert (user["httpOnly"], user["sameSite"]) == (True, "Lax")
    changed = f"{user['value'][:-4]}beef"  # what is not signed lets nobody in
    assert asked.refused == []
    expect(page.get_by_text("Logged in: ann@example.org")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.context.add_cookies([{"name": "_streamlit_user", "value": changed, "url": shared.url}])
    page.goto(f"{shared.url}runs")
    outside(page)


def test_codes_and_signatures_of_others_let_nobody_in(page: Page, shared: App, asked: Provider) -> None:
    page.goto(f"{shared.url}oauth2callback?code=guessed&state=guessed")
    page.goto(shared.url)
    outside(page)
    asked.spoils = True
    try:
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("link", name="I am Ann").click()
        page.wait_for_url(lambda url: url.startswith(shared.url))
        page.goto(shared.url)
        outside(page)
    finally:
        asked.spoils = False


def test_out_again_and_the_cookie_is_gone(page: Page, shared: App) -> None:
    page.set_viewport_size({"width": 420, "height": 900})
    page.goto(f"{shared.url}runs")
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("link", name="I am Ann").click()
    expect(page.locator("h1")).not_to_have_text("PDCN Explorer")
    page.get_by_role("button", name="Log out").click()
    outside(page)
    assert page.url.startswith(shared.url)
    page.goto(f"{shared.url}runs")
    outside(page)
    assert "_streamlit_user" not in {one["name"] for one in page.context.cookies()}
