import pytest
from django.template import Context, engines
from django.template.base import TextNode
from django.utils import translation

from ui.frozen import FrozenNode, freeze


def parse(source: str):
    template = engines["django"].engine.from_string("{% load i18n ui static %}" + source)
    freeze(template.nodelist)
    return template


@pytest.mark.parametrize(
    "source",
    [
        "{% translate 'Send' %}",
        "<b>{% translate 'Send' %}</b> {% icon 'send' 16 %}",
        "{% url 'complaints:filing' %}",
        "{# nothing #}{% comment %}{{ variable }}{% endcomment %}a",
    ],
)
def test_what_depends_on_the_language_alone_becomes_one_node(source):
    assert [type(node) for node in parse(source).nodelist] == [FrozenNode]


@pytest.mark.parametrize(
    "source",
    ["{{ name }}", "{% translate name %}", "{% translate 'Send' as word %}", "{% icon name %}", "{% url view %}", "{% csrf_token %}"],
)
def test_what_depends_on_the_page_stays(source):
    frozen = parse(source).nodelist.get_nodes_by_type(FrozenNode)

    assert all(len(node.nodes) == 1 for node in frozen)  # no more than the line that loads the libraries


def test_each_language_keeps_its_own_words():
    template = parse("{% translate 'Send' %}")

    drawn = []
    for language in ("zh-hans", "en", "zh-hans", "en"):
        with translation.override(language):
            drawn.append(template.render(Context()))

    assert drawn == ["发送", "Send", "发送", "Send"]


def test_parts_inside_conditions_and_loops_are_frozen_too():
    template = parse("{% for each in list %}{% if each %}{% translate 'Send' %} {% icon 'send' %}{% else %}-{% endif %}{% endfor %}")

    inner = [node for node in template.nodelist.get_nodes_by_type(FrozenNode) if len(node.nodes) == 3]
    assert len(inner) == 1


@pytest.mark.parametrize("names", [[], ["甲"], ["甲", "<b>"]], ids=str)
def test_a_frozen_template_draws_the_same(names):
    source = "<ul>{% for name in names %}<li>{% translate 'Send' %} {{ name }}{% empty %}{% icon 'send' %}{% endfor %}</ul>"
    plain = engines["django"].engine.from_string("{% load i18n ui static %}" + source)

    drawn = parse(source).render(Context({"names": names}))

    assert drawn == plain.render(Context({"names": names}))


def test_text_alone_stays_text():
    nodes = engines["django"].engine.from_string("plain").nodelist
    freeze(nodes)

    assert [type(node) for node in nodes] == [TextNode]


def test_the_loader_freezes_every_template():
    template = engines["django"].engine.get_template("base_public.html")

    assert template.nodelist.get_nodes_by_type(FrozenNode)
