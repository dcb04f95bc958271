"""The static app in a page of somebody else: the room alone, its height, and what a reader predicted; and as an app of its own."""

import json
import re
import struct

import pytest

from sim.core.errors import InputError
from sim.lab.export import with_xapi
from sim.lab.folders import PAGES
from tests.lab.test_site import SETTLED

AROUND = """<iframe src="{address}?embed{query}#{hash}" style="width: 100%; height: 480px; border: 0" title="A partnership"></iframe>
<script>
window.heard = [];
addEventListener("message", ({{ data }}) => {{
  heard.push(data);
  if (data.type === "partnership-size") document.querySelector("iframe").style.height = `${{data.height}}px`;
}});
</script>"""


@pytest.fixture
def around(browser, address):
    pages = []

    def open_page(hash_, query=""):
        page = browser.new_page(viewport={"width": 1000, "height": 900}, reduced_motion="reduce")
        page.route("**/around.html", lambda route: route.fulfill(
            body=AROUND.format(address=address, query=query, hash=hash_), content_type="text/html"))  # fmt: skip
        page.goto(f"{address}around.html")
        inside = page.frame_locator("iframe")
        inside.locator(SETTLED).wait_for(timeout=120_000)
        pages.append(page)
        return page, inside

    yield open_page
    for page in pages:
        page.close()


@pytest.mark.slow
def test_an_embedded_room_stands_alone_and_tells_its_height(around):
    page, inside = around("learn")
    page.wait_for_function("heard.some(({ type, height }) => type === 'partnership-size' && height > 480)")

    assert inside.locator("#bar, #rooms").first.is_hidden()
    assert inside.locator("#main").evaluate("(main) => main.scrollHeight - main.clientHeight") <= 1

    page.wait_for_timeout(600)

    assert (
        page.evaluate("heard.filter(({ type }) => type === 'partnership-size').length") <= 2
    )  # it does not chase itself


@pytest.mark.slow
def test_a_page_around_hears_once_what_was_predicted_and_whether_it_was_right(around):
    page, _ = around("first?guess=20")
    page.wait_for_function("heard.some(({ type }) => type === 'partnership-done')")
    done = [one for one in page.evaluate("heard") if one["type"] == "partnership-done"]

    assert [one | {"right": None} for one in done] == [
        {"type": "partnership-done", "activity": "first", "prediction": "20", "right": None}
    ]
    assert isinstance(done[0]["right"], bool)


def test_the_manifest_names_the_app_and_icons_that_are_there():
    manifest = json.loads((PAGES / "manifest.webmanifest").read_text())

    assert {"name", "short_name", "start_url", "display", "theme_color", "background_color"} <= set(manifest)
    for icon in manifest["icons"]:
        data = (PAGES / icon["src"]).read_bytes()
        if icon["type"] == "image/png":
            assert "{}x{}".format(*struct.unpack(">II", data[16:24])) == icon["sizes"]
    assert {icon.get("purpose") for icon in manifest["icons"]} == {None, "maskable"}


def test_only_a_host_that_the_export_names_may_be_sent_to():
    page = (PAGES / "index.html").read_bytes()
    sending = with_xapi(page, "https://lrs.example/").decode()

    assert "connect-src 'self' https://lrs.example;" in sending
    assert '<meta name="xapi" content="https://lrs.example">' in sending
    assert b"connect-src" not in page
    for host in (
        "lrs.example",
        "http://lrs.example",
        "https://lrs.example/'; script-src *",
        "https://*",
        "https://a@b",
    ):
        with pytest.raises(InputError, match=f"xapi={re.escape(host)}: give the address of a learning record store"):
            with_xapi(page, host)
