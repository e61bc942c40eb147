"""Markup that strangers send is text wherever it comes out: pages, mails, fragments. Looked at by parsing and by a browser."""

from html.parser import HTMLParser

import pytest

from complaints.services import post_customer_message, post_note, post_reply
from tests.security.house import House, undone
from tests.security.routes import every_route
from tests.security.visitors import file_complaint, open_draft

# Every payload carries the mark, so that whatever a parser makes of it is found by its name.
PAYLOADS = (
    "<pwned>",
    "<script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    '"><svg/onload=window.pwned=1>',
    "'><input autofocus onfocus='window.pwned=1'>",
    "</textarea></title></style></script><script>window.pwned=1</script>",
    "<scr<script>ipt>window.pwned=1</scr</script>ipt>",
    '<a href="java\tscript:window.pwned=1">pwned</a>',
    "[pwned](javascript:window.pwned=1) ![pwned](data:text/html,pwned) <javascript:pwned>",
    "&lt;script&gt;window.pwned=1&lt;/script&gt;&#60;pwned&#62;",
    "<!--><img src=x onerror=window.pwned=1>-->",
    "<math><mtext><table><mglyph><style><img src onerror=window.pwned=1>",
    '<div hx-get="/pwned" hx-trigger="load" data-hx-on:load="window.pwned=1">',
    '<b hx-vals="js:{pwned: window.pwned=1}" data-pwned id="pwned" name="pwned" style="pwned:url(//pwned)" class="pwned">',
    '<form id="pwned" action="//pwned"><button name="pwned" formaction="javascript:window.pwned=1">',
    '<base href="//pwned/"><link rel="import" href="//pwned"><meta http-equiv="refresh" content="0;//pwned">',
    "<iframe srcdoc='<script>parent.pwned=1</script>'></iframe><object data=//pwned><embed src=//pwned>",
    "\u2028<ſcript>window.pwned=1</ſcript>＜script＞window.pwned=1＜/script＞",
    "{{ pwned }}{% include 'pwned' %}${pwned}<%= pwned %>",
)
TEXT = "\n".join(PAYLOADS)
WORD = PAYLOADS[3]
LIVE = {"src", "href", "action", "formaction", "style", "id", "class", "srcdoc"}
ROLES = ("customer", "lead", "manager", "admin", "integration")


class Suspect(HTMLParser):
    """What a page makes of the payloads: tags, attributes and addresses that carry the mark."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag, attributes):
        for name, value in [("", tag), *attributes]:
            target = "" if is_own_address(name, value or "") else (value or "").lower()
            is_live = name.startswith(("on", "hx-", "data-hx")) or name in LIVE
            if "pwned" in name or (name == "" and "pwned" in target) or (is_live and "pwned" in target):
                self.found.append(f"<{tag} {name}={value!r}>"[:200])

    def handle_data(self, text):
        if self.cdata_elem and "pwned" in text:
            self.found.append(f"in <{self.cdata_elem}>: {text[:100]}")


def is_own_address(name: str, value: str) -> bool:
    """A path of this site, in which the payload is only the value of a parameter."""
    return name in {"href", "src", "action"} and value.startswith("/") and not value.startswith("//") and "<" not in value


def suspects_in(page: str) -> list[str]:
    parser = Suspect()
    parser.feed(page)
    return parser.found


@pytest.mark.parametrize("payload", [*PAYLOADS[:6], PAYLOADS[12], PAYLOADS[13], PAYLOADS[14], PAYLOADS[15]])
def test_the_parser_of_this_file_sees_what_it_looks_for(payload):
    assert suspects_in(f'<input value="{payload}">{payload}')


def poison(house: House) -> None:
    """Put the payloads wherever a stranger, a shop's system or a colleague can put text."""
    own, agent = house.own, house.users["agent"]
    post_customer_message(own, body=TEXT)
    post_note(own, body=TEXT, by=agent)
    post_reply(own, body=TEXT, by=agent, expected_version=None)
    house.attach(own)
    own.attachments.update(name='"><img src=x onerror=pwned>.jpg')
    fields = {"subject": TEXT[:120], "description": TEXT, "contact_name": WORD, "order_text": PAYLOADS[2], "wish": own.wish,
              "resolution": TEXT, "contact_hours": PAYLOADS[0], "answers": {"pwned": TEXT}}  # fmt: skip
    type(own).objects.filter(pk=own.pk).update(**fields)
    order = {"number": PAYLOADS[2][:40], "buyer_note": TEXT[:500], "receiver_name": WORD, "city": PAYLOADS[0]}
    type(own.order).objects.filter(pk=own.order_id).update(**order)
    own.order.lines.update(title=WORD, variant=PAYLOADS[0], sku=PAYLOADS[0])
    type(own.customer).objects.filter(pk=own.customer_id).update(name=WORD, city=PAYLOADS[0])
    for user in house.users.values():
        type(user).objects.filter(pk=user.pk).update(name=WORD)
    own.tags.create(name=PAYLOADS[0])
    type(house.view).objects.update(name=PAYLOADS[2])


@pytest.mark.django_db
@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("role", ROLES)
def test_no_page_makes_anything_of_the_payloads(role):
    house = House()
    poison(house)
    found, shown = {}, 0

    for route in every_route():
        answer = undone(lambda: house.client(role).get(route.path(house)))  # noqa: B023
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            page = answer.content.decode()
            shown += "pwned" in page
            if suspects := suspects_in(page):
                found[route.key] = suspects
        elif answer.headers.get("Content-Type", "").startswith(("application/json", "application/problem+json")):
            assert answer.headers["X-Content-Type-Options"] == "nosniff"

    assert found == {}
    assert shown or role == "integration"


@pytest.mark.django_db
@pytest.mark.usefixtures("shop")
def test_the_refused_form_gives_the_payloads_back_as_text():
    from django.test import Client

    client = Client()
    refused = open_draft(client, description=TEXT, order_text=WORD, wish=WORD, category=WORD, phone=WORD, signed=WORD)
    open_draft(client, description=TEXT)
    pages = [
        refused,
        file_complaint(client, phone=WORD, email=WORD, name=WORD, hours=WORD),
        client.post("/link/", {"number": WORD, "contact": WORD}),
        client.get("/file/", {"category": WORD, "order": WORD}),
        client.post("/admin/login/", {"username": WORD, "password": WORD, "next": WORD}),
    ]

    assert [suspects_in(page.content.decode()) for page in pages] == [[]] * 5
    assert "pwned" in pages[0].content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_browser_runs_nothing_and_asks_nobody(live_server, shop, settings):
    from complaints.intake.links import make_link
    from tests.e2e.browser import open_browser

    house = House()
    poison(house)
    token, number = make_link(house.own), house.own.number
    desk = f"/admin/desk/c/{number}/"
    pages = [f"/c/{number}/", desk, "/admin/desk/?view=all", f"{desk}print/", f"{desk}customer/order/", f"{desk}act/tags/"]
    cookie = house.cookies["lead"]["sessionid"]

    seen = watch(open_browser, live_server.url, [f"/t/{token}/", *pages], cookie)

    assert seen == {"ran": [], "violations": [], "foreign": [], "shown": len(pages)}


def watch(open_browser, base: str, paths: list[str], cookie: str) -> dict:
    """Open pages as a lead who also follows a customer's link, and note what ran, what was blocked and who was asked."""
    seen = {"ran": [], "violations": [], "foreign": [], "shown": 0}
    with open_browser() as browser:
        context = browser.new_context()
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": base}])
        context.add_init_script(
            "document.addEventListener('securitypolicyviolation', e => (window.broken = (window.broken || []).concat(e.violatedDirective)))"
        )
        page = context.new_page()
        page.on("request", lambda request: request.url.startswith((base, "data:", "blob:")) or seen["foreign"].append(request.url))
        page.on("dialog", lambda dialog: seen["ran"].append(dialog.message))
        for path in paths:
            page.goto(base + path, wait_until="load")
            seen["shown"] += "pwned" in page.content() and not path.startswith("/t/")
            if page.evaluate("window.pwned !== undefined && !(window.pwned instanceof Element)"):
                seen["ran"].append(path)
            if page.evaluate("document.querySelectorAll('pwned, [data-pwned], #pwned').length"):
                seen["ran"].append(f"element on {path}")
            seen["violations"] += page.evaluate("window.broken || []")
        context.close()
    return seen
