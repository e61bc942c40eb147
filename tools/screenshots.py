"""Make the pictures of the README: start a house with the demo shop, file a complaint on a phone, answer it at the desk.

``make screenshots``, or ``.venv/bin/python tools/screenshots.py --only zh``. Needs what the browser tests need (Chromium, a Chinese font).
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("BIHUAN_ENV", "test")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django  # noqa: E402
from PIL import Image, ImageDraw  # noqa: E402
from playwright.sync_api import Page, expect  # noqa: E402

from tests.e2e import agent, customer  # noqa: E402
from tests.e2e.browser import LOCALES, SETTLED, open_browser, watch_page  # noqa: E402
from tests.e2e.conversation import accept, answer, ask_for_person, said  # noqa: E402
from tests.e2e.hand import Hand  # noqa: E402
from tests.e2e.house import PREFIXES, House, attach  # noqa: E402
from tests.e2e.journey import CANNED  # noqa: E402
from tests.stack import Stack, wait_for  # noqa: E402

FOLDER = ROOT / "docs" / "screenshots"
LARGEST_BYTES = 200_000
PALETTES = (256, 160, 96, 64, 32)
SCREENS = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1440, "height": 900}}
SHARPNESS = {"phone": 2, "desk": 1.5}
PATIENCE = 30_000
AGENT, LEAD, ADMIN = "lin.agent", "zhou.lead", "gu.admin"
ADDRESS = "chen@customer.example"
# The latest delivered order of crockery that nobody has complained about; its buyer gets a link to the form from the shop.
ORDER = """SELECT o.id FROM orders_order o JOIN orders_orderline l ON l.order_id = o.id
    WHERE o.delivered_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM complaints_complaint c WHERE c.order_id = o.id)
    GROUP BY o.id ORDER BY bool_or(l.title LIKE '%%杯%%' OR l.title LIKE '%%餐具%%') DESC, o.delivered_at DESC, o.id LIMIT 1"""
SAID = {
    "zh": {
        "problem": "收到时外箱一角压扁了，里面碎了两个。拆箱时拍了照片。",
        "answer": "好的，麻烦尽快，周末要用。",
        "question": "杯子碎了两个，能补发吗？周末要用。",
        "reply": "您好，看到照片了。今天下午就补发，单号出来马上告诉您。",
    },
    "en": {
        "problem": "One corner of the box was crushed and two pieces are broken.",
        "answer": "Please be quick, we need it on Saturday.",
        "question": "Two cups are broken. Can you send new ones? We need them on Saturday.",
        "reply": "I can see the photos. New ones leave this afternoon, and you get the waybill number at once.",
    },
}


class Shot(NamedTuple):
    """One picture: what it is called and the page as it stands."""

    name: str
    page: Page


def main() -> None:
    arguments = read_arguments()
    django.setup()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with running_house(arguments.house) as stack, open_browser() as browser, House(stack, browser) as house:
        photos = paint_photos(stack.data)
        for language in [arguments.only] if arguments.only else PREFIXES:
            for shot in Walk(house, language, photos).shots():
                keep(shot, FOLDER / f"{shot.name}.{language}.png")


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Make the pictures of the README.")
    parser.add_argument("--only", choices=list(PREFIXES), help="one language only")
    parser.add_argument("--house", type=Path, help="data folder of a house that runs already, with its port in the file 'port'")
    return parser.parse_args()


@contextmanager
def running_house(folder: Path | None) -> Iterator[Stack]:
    """A house of its own with the whole demo shop, gone afterwards."""
    if folder is not None:
        yield attach(folder)
        return
    with tempfile.TemporaryDirectory(prefix="bihuan-screenshots-") as name:
        Path(name).chmod(0o755)
        stack = Stack(Path(name), demo=True)
        stack.argv = stack.argv[:3]  # the demo shop in its usual size, not the tests' small one
        with stack:
            yield stack


class Walk:
    """The pictures of one language, in the order in which things happen."""

    def __init__(self, house: House, language: str, photos: list[Path]):
        self.house, self.language, self.photos = house, language, photos
        self.said, self.prefix, self.order = SAID[language], PREFIXES[language], house.value(ORDER)

    def shots(self) -> Iterator[Shot]:
        self.house.set_presence(AGENT, "away")
        with ExitStack() as open_pages:
            phone = open_pages.enter_context(self.look("phone"))
            yield from self.file(phone)
            desk = open_pages.enter_context(self.look("desk", username=AGENT))
            yield from self.work(desk)
            yield from self.read_answer(phone)
            yield from self.look_around(desk)
            yield from self.talk(phone, desk)
            lead = open_pages.enter_context(self.look("desk", username=LEAD))
            yield from self.lead(lead)
            admin = open_pages.enter_context(self.look("desk", username=ADMIN))
            yield from self.read_mail(admin)

    @contextmanager
    def look(self, size: str, *, username: str = "") -> Iterator[Page]:
        """A page at this size, of a stranger or of somebody who is logged in."""
        known_as = None
        if username:
            self.house.speak(username, self.language)
            known_as = self.house.log_in(username)
        context = self.house.browser.new_context(
            base_url=self.house.base_url,
            viewport=SCREENS[size],
            device_scale_factor=SHARPNESS[size],
            has_touch=size == "phone",
            reduced_motion="reduce",
            locale=LOCALES[self.language],
            timezone_id="Asia/Shanghai",
            storage_state=known_as,
        )
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        faults = watch_page(page, self.house.base_url)
        yield page
        context.close()
        if faults:
            raise SystemExit(f"a page is broken: {faults}")

    def file(self, page: Page) -> Iterator[Shot]:
        page.goto(f"{self.prefix}/")
        yield Shot("landing", page)
        page.goto(f"{self.prefix}/file/?order={self.house.order_link(self.order)}")
        hand = Hand(page)
        if not page.locator("[name=lines]").first.is_checked():
            page.locator("label:has([name=lines])").first.tap()
        customer.choose_problem(hand, category="logistics.damaged", wish="reship")
        page.mouse.move(1, 1)
        scroll_to(page, "h1")
        yield Shot("problem", page)
        hand.fill(page.locator("[name=description]"), self.said["problem"])
        customer.add_photos(hand, self.photos)
        scroll_to(page, "[name=wish]")
        yield Shot("evidence", page)
        customer.go_on(hand)
        for question in page.locator("#questions fieldset").all():
            question.locator("label:has([type=radio])").first.tap()
        hand.fill(page.locator("[name=email]"), ADDRESS)
        scroll_to(page, "[aria-labelledby=review]")
        yield Shot("check", page)
        customer.go_on(hand)
        self.number = customer.read_number(page)
        yield Shot("receipt", page)

    def work(self, page: Page) -> Iterator[Shot]:
        page.goto(agent.DESK)
        yield Shot("queue", page)
        page.goto(f"{agent.DESK}c/{self.number}/")
        agent.claim_by_keyboard(Hand(page))
        yield Shot("workspace", page)
        hand = Hand(page)
        hand.press("r")
        hand.press("/", *CANNED[self.language])
        expect(page.locator("[role=option][aria-selected=true]")).to_be_visible()
        yield Shot("composer", page)
        hand.press("Enter")
        expect(page.get_by_role("listbox")).to_have_count(0)
        hand.press("Control+Enter")
        expect(page.locator(".message--unsent [data-shortcut='Ctrl+z']")).to_be_visible()
        self.house.wait_for_letter(ADDRESS, self.number)
        self.wait_until_sent()

    def wait_until_sent(self) -> None:
        """A reply can be taken back for some seconds; then the customer sees it."""
        left = """SELECT o.state = 'sent' FROM complaints_outbox o JOIN complaints_complaint c ON c.id = o.complaint_id
            WHERE c.number = %s AND o.message_id IS NOT NULL ORDER BY o.id DESC LIMIT 1"""
        wait_for(lambda: self.house.value(left, self.number), within=60, what="the reply by mail")

    def read_answer(self, page: Page) -> Iterator[Shot]:
        page.goto(f"{self.prefix}/c/{self.number}/")
        scroll_to(page, "#conversation")
        yield Shot("tracker", page)
        customer.send_message(Hand(page), self.said["answer"])

    def look_around(self, page: Page) -> Iterator[Shot]:
        page.emulate_media(color_scheme="dark")
        page.goto(f"{agent.DESK}c/{self.number}/")
        yield Shot("desk-dark", page)
        page.emulate_media(color_scheme="light")

    def talk(self, phone: Page, desk: Page) -> Iterator[Shot]:
        """One tap to a person: the customer waits, the agent takes up, both see each line."""
        phone.goto(f"{self.prefix}/human/")
        yield Shot("human", phone)
        self.house.set_presence(AGENT, "ready")
        desk.goto(f"{agent.DESK}?view=mine")
        phone.goto(f"{self.prefix}/")
        number = ask_for_person(phone, self.said["question"])
        accept(desk, number)
        answer(desk, self.said["reply"])
        expect(said(phone, self.said["reply"])).to_be_visible()
        yield Shot("chat", phone)
        yield Shot("conversation", desk)
        self.house.set_presence(AGENT, "away")

    def lead(self, page: Page) -> Iterator[Shot]:
        page.goto("/admin/desk/wall/")
        yield Shot("wall", page)
        page.goto("/admin/desk/sla/")
        yield Shot("promises", page)

    def read_mail(self, page: Page) -> Iterator[Shot]:
        page.goto("/admin/mailbox/")
        page.locator(f"main a:has-text('{self.number}')").first.click()
        yield Shot("mailbox", page)


def scroll_to(page: Page, selector: str) -> None:
    """Bring a part to the top, a little below the edge."""
    page.locator(selector).first.evaluate("node => scrollTo(0, node.getBoundingClientRect().top + scrollY - 72)")


def keep(shot: Shot, path: Path) -> None:
    """Write the picture with as many colours as fit into the allowed size."""
    shot.page.wait_for_function(SETTLED)
    picture = Image.open(BytesIO(shot.page.screenshot(animations="disabled", caret="hide"))).convert("RGB")
    for colours in PALETTES:
        written = BytesIO()
        picture.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(written, "PNG", optimize=True)
        if written.tell() <= LARGEST_BYTES:
            break
    else:
        raise SystemExit(f"{path.name} has {written.tell()} bytes, more than {LARGEST_BYTES}")
    path.write_bytes(written.getvalue())
    print(f"{path.relative_to(ROOT)}  {picture.width} × {picture.height}  {written.tell() // 1000} KB  {colours} colours", flush=True)


def paint_photos(folder: Path) -> list[Path]:
    """Two pictures that stand for photos: a crushed box and a broken cup."""
    box, cup = Image.new("RGB", (1200, 900), "#d9d4cb"), Image.new("RGB", (1200, 900), "#cfd8d6")
    draw = ImageDraw.Draw(box)
    draw.polygon([(220, 340), (900, 300), (980, 760), (260, 800)], fill="#b98a55", outline="#7d5a33", width=6)
    draw.polygon([(220, 340), (420, 200), (1040, 180), (900, 300)], fill="#cda06a", outline="#7d5a33", width=6)
    draw.polygon([(760, 305), (900, 300), (935, 500), (840, 420)], fill="#8a6236")
    draw.line([(560, 322), (600, 780)], fill="#e6d3b3", width=46)
    draw = ImageDraw.Draw(cup)
    draw.ellipse((330, 560, 870, 760), fill="#b9c4c1")
    edge = [(400, 260), (560, 330), (640, 240), (800, 300), (760, 640), (600, 690), (440, 640)]
    draw.polygon(edge, fill="#f4f6f5", outline="#7f8d8a", width=6)
    draw.arc((700, 350, 900, 570), 250, 110, fill="#7f8d8a", width=22)
    draw.polygon([(180, 700), (330, 640), (300, 780)], fill="#f4f6f5", outline="#7f8d8a", width=5)
    draw.polygon([(930, 690), (1060, 740), (960, 800)], fill="#f4f6f5", outline="#7f8d8a", width=5)
    paths = [folder / "box.jpg", folder / "cup.jpg"]
    for path, picture in zip(paths, (box, cup), strict=True):
        picture.save(path, "JPEG", quality=88)
    return paths


if __name__ == "__main__":
    main()
