import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ui.markdown import ATTRIBUTES, render_markdown, sanitise

ATTACKS = [
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt&colon;alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href=' javascript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:x'>x</a>",
    "<a href='//evil.example'>x</a>",
    "<a href='/admin/logout/'>x</a>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=x></object><embed src=x>",
    "<form action=//evil.example><button formaction=javascript:alert(1)>x</button></form>",
    "<input autofocus onfocus=alert(1)>",
    "<body onload=alert(1)>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<link rel=stylesheet href=//evil.example>",
    "<p style='position:fixed;inset:0'>x</p>",
    "<p class=button id=main name=cookie>x</p>",
    "<div hx-get=/admin/ hx-trigger=load>x</div>",
    "<div data-hx-get=/admin/ data-hx-trigger=load>x</div>",
    "<div data-shortcut=c data-opens='#x'>x</div>",
    '<div hx-vals="js:{x:alert(1)}" hx-on:click="alert(1)">x</div>',
    "<sla-clock data-due=x></sla-clock><cmd-palette data-url=//evil.example>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<textarea><img src=x onerror=alert(1)></textarea>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "[x](javascript:alert(1))",
    "[x](java&#10;script:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](<javascript:alert(1)>)",
    "![x](https://evil.example/pixel.png)",
    "[x]: javascript:alert(1)\n\n[x]",
    '<https://example.com/"onmouseover=alert(1)>',
    "`<img src=x onerror=alert(1)>`",
]
TAG = re.compile(r"<(/?)([a-zA-Z][\w-]*)((?:\s+[^<>]*)?)>")
SAFE_TAGS = {"p", "br", "strong", "em", "s", "ul", "ol", "li", "blockquote", "code", "pre", "a", "h3", "h4", "hr"}
SAFE_TAGS |= {"table", "thead", "tbody", "tr", "th", "td"}
SAFE_LINK = re.compile(r'^ href="(?:https?://|mailto:|tel:)[^"]*" rel="noopener noreferrer nofollow"$')


def assert_harmless(html: str) -> None:
    for _, tag, attributes in TAG.findall(html):
        assert tag in SAFE_TAGS
        if attributes:
            assert (
                re.fullmatch(r' start="\d+"', attributes)
                or SAFE_LINK.match(attributes)
                or attributes == ' rel="noopener noreferrer nofollow"'
            )
    assert TAG.sub("", html).count("<") == 0


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_leaves_markup_behind(attack):
    assert_harmless(render_markdown(attack))
    assert_harmless(sanitise(attack))


@pytest.mark.parametrize("attack", ATTACKS)
def test_cleaning_twice_changes_nothing(attack):
    assert sanitise(sanitise(attack)) == sanitise(attack)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="<>/\"'= &;:#[]()`*!\n\tajvscriptonerxhlg-1", max_size=80))
def test_cleaning_is_harmless_and_stable_on_any_text(text):
    cleaned = sanitise(text)

    assert_harmless(cleaned)
    assert sanitise(cleaned) == cleaned


def test_the_allow_list_holds_no_attribute_that_scripts_or_styles_act_on():
    allowed = {name for names in ATTRIBUTES.values() for name in names}

    assert allowed == {"href", "start"}


def test_markdown_renders_what_agents_write():
    html = render_markdown("您好，**抱歉**。\n下一行\n\n1. 核对\n2. 退款\n\n> 引用\n\n[说明](https://example.com/a)")

    assert html == (
        "<p>您好，<strong>抱歉</strong>。<br>\n下一行</p>\n<ol>\n<li>核对</li>\n<li>退款</li>\n</ol>\n<blockquote>\n<p>引用</p>\n</blockquote>\n"
        '<p><a href="https://example.com/a" rel="noopener noreferrer nofollow">说明</a></p>\n'
    )


def test_html_in_markdown_is_shown_as_text():
    assert render_markdown("1 < 2 <b>x</b>") == "<p>1 &lt; 2 &lt;b&gt;x&lt;/b&gt;</p>\n"


def test_headings_stand_below_those_of_the_page():
    assert render_markdown("# 一\n\n### 三") == "<h3>一</h3>\n<h4>三</h4>\n"
