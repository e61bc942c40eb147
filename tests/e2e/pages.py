"""Every page that a person can see, in every state worth looking at. An address of the house without a case here fails the tests."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from playwright.sync_api import Page

from config.demo_logins import DEMO_PASSWORD
from tests.e2e import customer
from tests.e2e.hand import Hand
from tests.e2e.pageless import WITHOUT_PAGE  # noqa: F401 - a part of the inventory

AGENT, LEAD, ADMIN, FINANCE, MANAGER = "lin.agent", "zhou.lead", "gu.admin", "qian.finance", "shen.manager"
CUSTOMER, GUEST = "customer", "guest"
# Of finance, and never logged in: the second factor is still to be set up.
NEWCOMER = "xin.finance"
STATUSES = ("new", "open", "waiting_customer", "waiting_internal", "snoozed", "resolved", "closed", "withdrawn", "merged", "spam")
STOCK_ACTS = ("_changelist", "_change", "_add", "_history", "_delete")
OWN_NAMESPACES = ("complaints", "workflows", "help", "ui", "admin")
Step = Callable[[Page], None]


@dataclass(frozen=True)
class Case:
    """One page in one state: whose, where ({names} are samples of the demo shop), and what is done there before looking."""

    name: str
    path: str
    who: str = GUEST
    state: str = ""
    status: int = 200
    then: Step | None = None

    def __str__(self) -> str:
        return f"{self.name}{'-' if self.state else ''}{self.state}"

    @property
    def is_public(self) -> bool:
        return self.name.startswith(("complaints:", "workflows:", "help:"))

    @property
    def is_stock(self) -> bool:
        return self.name.endswith(STOCK_ACTS)

    @property
    def names(self) -> set[str]:
        """The page itself; a form of the configuration that nobody may open, or that has no row yet, is its list."""
        model, _underscore, act = self.name.rpartition("_")
        return {self.name, f"{model}_changelist"} if act in ("change", "add") else {self.name}


def submit(page: Page) -> None:
    """Send the form of the page as it is."""
    with page.expect_navigation():
        customer.main_act(page).click()


def fill_problem(page: Page) -> None:
    """Go to page two with a question and a photo less than it asks for."""
    hand = Hand(page)
    customer.choose_problem(hand, category="logistics.damaged", wish="reship")
    page.locator("[name=description]").fill("…")
    submit(page)


def fill_check_badly(page: Page) -> None:
    fill_problem(page)
    submit(page)


def ask_for_person(page: Page) -> None:
    page.locator("#description").fill("…")
    submit(page)


def keep_link(page: Page) -> None:
    with page.expect_navigation():
        page.locator("form[action$='/keep/'] button").click()


def ask_for_link(page: Page) -> None:
    page.locator("[name=number]").fill("C123")
    page.locator("[name=contact]").fill("a@customer.example")
    submit(page)


def write_badly(page: Page) -> None:
    """A definition with a fault in one node, changed approvals, and one thing that is not said at all."""
    text = page.locator("[name=text]").input_value()
    page.locator("[name=text]").fill(text.replace("50000", "40000").replace('"lead"', '"00"', 1))
    press("[name=step][value=check]")(page)


def propose_badly(page: Page) -> None:
    page.locator(".policy-edit > summary").click()
    page.locator("[name=window_days]").fill("3")
    press(".policy-edit .button--primary")(page)


def send_nothing(page: Page) -> None:
    with page.expect_navigation():
        page.locator("#reply .button--primary").click()


def press(selector: str) -> Step:
    def pressed(page: Page) -> None:
        with page.expect_navigation():
            page.locator(selector).first.click()

    return pressed


def select_first(act: str) -> Step:
    """Ask for a bulk act on the first two rows."""

    def selected(page: Page) -> None:
        for box in page.locator(".row__select").all()[:2]:
            box.check()
        with page.expect_navigation():
            page.locator(f"button[name=act][value={act}]").click()

    return selected


def enter_half(username: str) -> Step:
    """The first step of a log-in that asks for a second."""

    def entered(page: Page) -> None:
        page.locator("[name=username]").fill(username)
        page.locator("[name=password]").fill(DEMO_PASSWORD)
        submit(page)

    return entered


def begin_factor(page: Page) -> None:
    with page.expect_navigation():
        page.locator("form[action$='/profile/factor/'] button").click()


def correct_badly(page: Page) -> None:
    """Ask for another address that is none."""
    page.locator("#correction-email").fill("…")
    with page.expect_navigation():
        page.locator("form:has(#correction-email) button").click()


def record_wish(page: Page) -> None:
    """Record a wish of the last kind, twice: the second time it is refused."""
    for _time in range(2):
        page.locator("details").last.locator("summary").click()
        with page.expect_navigation():
            page.locator("details[open] button").last.click()


def open_palette(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.locator("dialog[open] [role=listbox] [role=option]").first.wait_for()


def open_keys(page: Page) -> None:
    page.keyboard.press("?")
    page.locator("dialog[open]").wait_for()


def open_picker(page: Page) -> None:
    page.keyboard.press("r")
    page.keyboard.press("/")
    page.locator(".picker [role=option]").first.wait_for()


def preview_sharing(page: Page) -> None:
    """Ask what would happen to the first two rows."""
    for box in page.locator("[name=selected]").all()[:2]:
        box.check()
    press(".share .button--primary")(page)


def preview_disaster(page: Page) -> None:
    """Ask what a storm in the first province would do."""
    page.locator("[name=provinces]").first.check()
    page.locator("[name=reason]").fill("…")
    press("[name=step][value=preview]")(page)


def open_dialog(name: str) -> Step:
    def opened(page: Page) -> None:
        page.locator(f"a[href*='/act/{name}/']:visible").first.click()
        page.locator("#desk-dialog[open] form").wait_for()

    return opened


PORTAL = [
    Case("complaints:landing", "/"),
    Case("complaints:landing", "/", CUSTOMER, "own-complaints"),
    Case("complaints:human", "/human/"),
    Case("complaints:human", "/human/", state="error", then=submit),
    Case("complaints:filing", "/file/"),
    Case("complaints:filing", "/file/?order={order}", state="known-order"),
    Case("complaints:filing", "/file/", state="error", then=submit),
    Case("complaints:filing-check", "/file/", state="full", then=fill_problem),
    Case("complaints:filing-check", "/file/", state="error", then=fill_check_badly),
    Case("complaints:link-send", "/link/"),
    Case("complaints:link-send", "/link/", state="error", then=submit),
    Case("complaints:link-send", "/link/", state="sent", then=ask_for_link),
    Case("complaints:complaint-open", "/t/wrong/", state="wrong", status=404),
    Case("complaints:complaint-open-survey", "/t/wrong/survey/", state="wrong", status=404),
    *(Case("complaints:tracker", f"/c/{{{status}}}/", CUSTOMER, status) for status in STATUSES),
    Case("complaints:tracker", "/c/{open}/", state="unknown-browser", status=404),
    Case("complaints:tracker-reply", "/c/{open}/", CUSTOMER, "error", then=send_nothing),
    Case("complaints:tracker-keep", "/c/{open}/", CUSTOMER, then=keep_link),
    Case("complaints:chat", "/c/{open}/chat/", CUSTOMER),
    Case("complaints:chat", "/human/", state="waiting", then=ask_for_person),
    Case("complaints:chat-transcript", "/c/{open}/chat/transcript/", CUSTOMER),
    Case("complaints:callback", "/c/{open}/callback/", CUSTOMER),
    Case("complaints:callback", "/c/{open}/callback/", CUSTOMER, "error", then=submit),
    Case("complaints:complaint-open-chat", "/t/wrong/chat/", state="wrong", status=404),
    Case("complaints:survey", "/c/{resolved}/survey/", CUSTOMER),
    Case("complaints:survey", "/c/{resolved}/survey/", CUSTOMER, "error", then=submit),
    Case("complaints:survey", "/c/{eased}/survey/", CUSTOMER, "effort"),
    Case("complaints:survey", "/c/{asked}/survey/?about=shop", CUSTOMER, "shop"),
    Case("complaints:survey", "/c/{open}/survey/", CUSTOMER, "over"),
    Case("complaints:notice", "/privacy/"),
    Case("complaints:notice-version", "/privacy/2026-11/"),
    Case("complaints:complaint-open-privacy", "/t/wrong/privacy/", state="wrong", status=404),
    Case("complaints:privacy", "/c/{open}/privacy/", CUSTOMER),
    Case("complaints:privacy", "/c/{open}/privacy/", CUSTOMER, "link-sent", then=submit),
    Case("complaints:privacy", "/t/{proof}/privacy/", CUSTOMER, "proven"),
    Case("complaints:privacy-ask", "/t/{proof}/privacy/", CUSTOMER, "error", then=correct_badly),
    Case("workflows:order-apply", "/return/?order={order}"),
    Case("workflows:order-apply", "/return/?order={order}", state="error", then=submit),
    Case("workflows:return-apply", "/c/{returned}/return/apply/", CUSTOMER),
    Case("workflows:return", "/c/{returned}/return/", CUSTOMER, "to-send"),
    Case("workflows:return", "/c/{returned}/return/", state="unknown-browser", status=404),
    Case("workflows:return-act", "/c/{returned}/return/", CUSTOMER, "error", then=press("#waybill-form .button--primary")),
    Case("workflows:return-label", "/c/{returned}/return/label/", CUSTOMER),
    Case("workflows:return-open", "/t/wrong/return/", state="wrong", status=404),
]
ACCOUNTS = [
    Case("admin:login", "/admin/login/?language={language}"),
    Case("admin:login", "/admin/login/?language={language}", state="error", then=submit),
    Case("admin:second-factor", "/admin/login/?language={language}", then=enter_half(ADMIN)),
    Case("admin:second-factor-start", "/admin/login/?language={language}&as={newcomer}", then=enter_half(NEWCOMER)),
    Case("admin:password-ask", "/admin/password/?language={language}"),
    Case("admin:password-asked", "/admin/password/sent/?language={language}"),
    Case("admin:password-new", "{password_link}?language={language}", GUEST),
    Case("admin:password-new", "/admin/password/new/?language={language}", state="stale", status=404),
    Case("admin:profile", "/admin/profile/", AGENT),
    Case("admin:second-factor-set-up", "/admin/profile/", LEAD, then=begin_factor),
    Case("admin:password_change", "/admin/password_change/", AGENT),
    Case("admin:password_change", "/admin/password_change/", AGENT, "error", then=submit),
    Case("admin:configuration", "/admin/configuration/", ADMIN),
    Case("admin:accounts_user_changelist", "/admin/accounts/user/", AGENT, "forbidden", status=403),
    Case("admin:mailbox", "/admin/mailbox/", ADMIN),
    Case("admin:mailbox-letter", "/admin/mailbox/{letter}/", ADMIN),
]
DESK = [
    *(Case("admin:desk-queue", f"/admin/desk/?view={view}", AGENT, view) for view in ("mine", "unassigned", "all")),
    Case("admin:desk-queue", "/admin/desk/?view=mine&tag=99999", AGENT, "nothing-matches"),
    Case("admin:desk-queue", "/admin/desk/?view=unassigned&nothing=1", AGENT, "nothing-next"),
    Case("admin:desk-queue", "/admin/desk/?view=all", AGENT, "palette", then=open_palette),
    Case("admin:desk-queue", "/admin/desk/?view=all", AGENT, "keys", then=open_keys),
    Case("admin:desk-privacy", "/admin/desk/c/{open}/privacy/", AGENT),
    Case("admin:desk-privacy-ask", "/admin/desk/c/{open}/privacy/", AGENT, "refused", then=record_wish),
    Case("admin:privacy-list", "/admin/privacy/", MANAGER),
    Case("admin:privacy-list", "/admin/privacy/", ADMIN, "to-run"),
    Case("admin:desk-chats", "/admin/desk/chats/", AGENT),
    Case("admin:desk-callbacks", "/admin/desk/callbacks/", AGENT),
    Case("admin:desk-callbacks", "/admin/desk/callbacks/", LEAD, "lead"),
    Case("admin:desk-follow-ups", "/admin/desk/follow-ups/", AGENT),
    Case("admin:desk-follow-ups", "/admin/desk/follow-ups/", LEAD, "lead"),
    Case("admin:desk-policies", "/admin/desk/sla/", MANAGER),
    Case("admin:desk-policies", "/admin/desk/sla/", AGENT, "agent"),
    Case("admin:desk-disaster", "/admin/desk/sla/disaster/", LEAD),
    Case("admin:desk-disaster", "/admin/desk/sla/disaster/", MANAGER, "error", then=press("[name=step][value=preview]")),
    Case("admin:desk-disaster", "/admin/desk/sla/disaster/", LEAD, "preview", then=preview_disaster),
    Case("admin:desk-policy", "/admin/desk/sla/p/vip/", MANAGER),
    Case("admin:desk-policy", "/admin/desk/sla/p/vip/", MANAGER, "error", then=press("[name=step][value=publish]")),
    Case("admin:desk-policy-new", "/admin/desk/sla/new/", LEAD),
    Case("admin:desk-policy-preset", "/admin/desk/sla/preset/sale/", MANAGER),
    Case("admin:policies", "/admin/build/policies/", MANAGER),
    Case("admin:policy", "/admin/build/policies/return_quality/", MANAGER),
    Case("admin:policy", "/admin/build/policies/return_quality/", MANAGER, "error", then=propose_badly),
    Case("admin:flows", "/admin/build/flows/", LEAD),
    Case("admin:flow", "/admin/build/flows/return_quality/", LEAD),
    Case("admin:flow", "/admin/build/flows/repair/", AGENT, "read"),
    Case("admin:flow", "/admin/build/flows/return_quality/", LEAD, "error", then=write_badly),
    Case("admin:flow", "/admin/build/flows/refund_only/", MANAGER, "replay", then=press("[name=step][value=replay]")),
    *(
        Case("admin:desk-act", f"/admin/desk/c/{{open}}/act/{name}/", AGENT, name)
        for name in ("external", "pause", "waive", "count_target")
    ),
    Case("admin:desk-keys", "/admin/desk/keys/", AGENT),
    Case("admin:desk-list", "/admin/desk/list/", AGENT),
    Case("admin:desk-filter", "/admin/desk/filter/", AGENT),
    Case("admin:desk-search", "/admin/desk/search/", AGENT),
    Case("admin:desk-search", "/admin/desk/search/?q=0000000", AGENT, "nothing"),
    Case("admin:desk-search", "/admin/desk/search/?q={order_number}", AGENT, "found"),
    *(Case("admin:desk-bulk", "/admin/desk/?view=all", AGENT, act, then=select_first(act)) for act in ("priority", "tag", "merge")),
    *(Case("admin:desk-complaint", f"/admin/desk/c/{{{status}}}/", AGENT, status) for status in STATUSES),
    Case("admin:desk-complaint", "/admin/desk/c/{open}/?kind=note", AGENT, "note"),
    Case("admin:desk-complaint", "/admin/desk/c/{open}/", AGENT, "picker", then=open_picker),
    Case("admin:desk-complaint", "/admin/desk/c/{open}/", AGENT, "dialog", then=open_dialog("priority")),
    Case("admin:desk-complaint", "/admin/desk/c/C000/", AGENT, "unknown", status=404),
    *(
        Case("admin:desk-act", f"/admin/desk/c/{{open}}/act/{name}/", AGENT, name)
        for name in ("resolve", "decline", "hand_over", "snooze", "withdraw", "merge", "escalate", "release", "call", "priority", "tags")
    ),
    *(Case("admin:desk-act", f"/admin/desk/c/{{open}}/act/{name}/", AGENT, name) for name in ("category", "transfer", "mark_spam")),
    *(Case("admin:desk-act", f"/admin/desk/c/{{open}}/act/{name}/", AGENT, name) for name in ("split", "watch", "risk", "callback")),
    Case("admin:desk-act", "/admin/desk/c/{open}/act/assign/", LEAD, "assign"),
    Case("admin:desk-act", "/admin/desk/c/{open}/act/hand_over/", AGENT, "error", then=press("[data-act-form] button.button")),
    Case("admin:desk-new", "/admin/desk/new/", AGENT),
    Case("admin:desk-new", "/admin/desk/new/?beside={open}", AGENT, "beside"),
    Case("admin:desk-new", "/admin/desk/new/", AGENT, "error", then=press("[name=step][value=file]")),
    Case("admin:desk-export", "/admin/desk/export/?view=team", LEAD),
    Case("admin:desk-export", "/admin/desk/export/?view=team", MANAGER, "error", then=press(".dialog__acts button")),
    Case("admin:desk-wall", "/admin/desk/wall/", LEAD),
    Case("admin:desk-wall", "/admin/desk/wall/?still=1&team=logistics", LEAD, "one-team-held-still"),
    Case("admin:desk-wall", "/admin/desk/wall/?tv=1", LEAD, "tv"),
    Case("admin:desk-wall", "/admin/desk/wall/?tv=1&names=1", MANAGER, "tv-names"),
    Case("admin:desk-wall", "/admin/desk/wall/", AGENT, "forbidden", status=403),
    Case("admin:desk-rounds", "/admin/desk/replies/", LEAD),
    Case("admin:desk-round-list", "/admin/desk/replies/list/?period=week&set=decided", LEAD),
    Case("admin:desk-balance", "/admin/desk/balance/", LEAD),
    Case("admin:desk-balance", "/admin/desk/balance/?view=team&assignee=1", LEAD, "of-one"),
    Case("admin:desk-balance", "/admin/desk/balance/?view=overdue&tag=99999", LEAD, "nothing"),
    Case("admin:desk-balance-preview", "/admin/desk/balance/?view=team", LEAD, then=preview_sharing),
    Case("admin:desk-shifts", "/admin/desk/shifts/", AGENT),
    Case("admin:desk-shifts", "/admin/desk/shifts/", LEAD, "plan"),
    Case("admin:desk-shift-plan", "/admin/desk/shifts/", LEAD, "error", then=press("#plan .button--primary")),
    Case("admin:desk-chain", "/admin/desk/c/{open}/chain/", AGENT),
    Case("admin:desk-decisions", "/admin/desk/c/{open}/decisions/", AGENT),
    Case("admin:desk-clocks", "/admin/desk/c/{open}/clocks/", AGENT),
    Case("admin:desk-clocks", "/admin/desk/c/{closed}/clocks/", AGENT, "over"),
    Case("admin:desk-print", "/admin/desk/c/{open}/print/", AGENT),
    *(
        Case("admin:desk-customer", f"/admin/desk/c/{{resolved}}/customer/{key}/", AGENT, key)
        for key in ("order", "identity", "clocks", "follow", "calls", "complaints", "orders", "notes")
    ),
    Case("admin:desk-reveal", "/admin/desk/c/{open}/reveal/complaint/contact_name/", AGENT),
    Case("admin:cases", "/admin/desk/cases/", AGENT),
    Case("admin:cases", "/admin/desk/cases/?group=exception", LEAD, "exceptions"),
    Case("admin:case-panel", "/admin/desk/cases/of/{returned}/", AGENT),
    Case("admin:case-new", "/admin/desk/cases/of/{returned}/new/", AGENT),
    Case("admin:case-new", "/admin/desk/cases/of/{returned}/new/", AGENT, "error", then=press(".dialog__acts .button--primary")),
    Case("admin:case", "/admin/desk/cases/{case}/", AGENT),
    Case("admin:case", "/admin/desk/cases/A000/", AGENT, "unknown", status=404),
    Case("admin:case-act", "/admin/desk/cases/{case}/withdraw/", AGENT, "error", then=press("[data-act-form] button.button")),
    *(Case("admin:case-act", f"/admin/desk/cases/{{case}}/{name}/", AGENT, name) for name in ("register_parcel", "approve", "reject")),
    *(Case("admin:case-act", f"/admin/desk/cases/{{case}}/{name}/", LEAD, name) for name in ("resolve_exception", "sign", "decide_appeal")),
    Case("admin:case-tracks", "/admin/desk/cases/{case}/tracks/", FINANCE),
    Case("admin:case-track-act", "/admin/desk/cases/{case}/tracks/parcel/{parcel}/redirect/", LEAD),
]


def own_names() -> set[str]:
    """Every URL name of the pages' namespaces."""
    from django.urls import URLPattern, get_resolver

    def walk(patterns, namespace: str) -> Iterator[str]:
        for each in patterns:
            if isinstance(each, URLPattern):
                yield f"{namespace}:{each.name}"
            else:
                yield from walk(each.url_patterns, each.namespace or namespace)

    names = set(walk(get_resolver().url_patterns, ""))
    return {name for name in names if name.partition(":")[0] in OWN_NAMESPACES and not name.endswith(":None")}
