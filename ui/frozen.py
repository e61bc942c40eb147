"""A template loader that draws once what never changes: text, icons, links and translated words between two variables.

After a template is parsed, neighbouring nodes whose output depends on the language alone become one node, which keeps its output for
each language. Half of a page of ours is such nodes. A template needs to do nothing for it.
"""

from django.template.base import FilterExpression, Node, NodeList, TextNode, Variable
from django.template.defaulttags import CommentNode, IfNode, LoadNode, URLNode
from django.template.library import SimpleNode
from django.template.loaders import cached
from django.templatetags.i18n import TranslateNode
from django.templatetags.static import StaticNode
from django.utils.translation import get_language

# Simple tags that give the same for the same arguments, in one language.
CONSTANT_TAGS = {"icon", "draw", "words"}


class Loader(cached.Loader):
    def get_template(self, template_name, skip=None):
        template = super().get_template(template_name, skip)
        if not hasattr(template, "is_frozen"):
            freeze(template.nodelist)
            template.is_frozen = True
        return template


class FrozenNode(Node):
    """Neighbours that give the same each time, drawn at the first time in each language."""

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = NodeList(nodes)
        self.token, self.origin = nodes[0].token, nodes[0].origin
        self.drawn: dict[str | None, str] = {}

    def render(self, context) -> str:
        language = get_language()
        if language not in self.drawn:
            self.drawn[language] = self.nodes.render(context)
        return self.drawn[language]


def freeze(nodes: NodeList) -> None:
    """Replace every run of constant nodes by one node, at every depth."""
    frozen, run = [], []
    for node in [*nodes, None]:
        if node is not None and is_constant(node):
            run.append(node)
            continue
        if run:
            frozen.append(run[0] if len(run) == 1 and isinstance(run[0], TextNode) else FrozenNode(run))
            run = []
        if node is not None:
            for inner in _lists_of(node):
                freeze(inner)
            frozen.append(node)
    nodes[:] = frozen


def is_constant(node: Node) -> bool:
    """Whether a node's output depends on nothing but the language."""
    match node:
        case TextNode() | LoadNode() | CommentNode():
            return True
        case TranslateNode():
            return not node.asvar and not node.message_context and _is_literal(node.filter_expression)
        case SimpleNode():
            arguments = [*node.args, *node.kwargs.values()]
            return node.func.__name__ in CONSTANT_TAGS and not node.target_var and all(map(_is_literal, arguments))
        case StaticNode():
            return node.varname is None and _is_literal(node.path)
        case URLNode():
            return not (node.args or node.kwargs or node.asvar) and _is_literal(node.view_name)
    return False


def _is_literal(expression: FilterExpression) -> bool:
    is_bare = isinstance(expression, FilterExpression) and not expression.filters
    return is_bare and (not isinstance(expression.var, Variable) or expression.var.literal is not None)


def _lists_of(node: Node) -> list[NodeList]:
    if isinstance(node, IfNode):
        return [inner for _condition, inner in node.conditions_nodelists]
    return [inner for name in node.child_nodelists if isinstance(inner := getattr(node, name, None), NodeList)]
