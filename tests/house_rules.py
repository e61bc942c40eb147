"""The rules of the house as functions over a module's syntax tree. ``test_architecture.py`` runs them and tests them."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ("foundation", "ui", "accounts", "orders", "knowledge", "complaints", "workflows", "automation", "analytics", "config")
MONEY_WORDS = {"fen", "amount", "price", "money", "paid", "refund", "cents", "total", "fee"}
FACES = {"views", "admin", "api", "desk", "portal"}
GUARDED_MODELS = {"Complaint", "Contact", "Message", "Attachment", "Event", "Customer", "Order", "Payment", "Shipment", "ApiToken"}
RELATIONS = {"ForeignKey", "OneToOneField", "ManyToManyField"}
HTTP_CLIENTS = {"requests", "httpx", "aiohttp", "urllib3", "http.client", "urllib.request"}
VAGUE_WORDS = {"manager", "helper", "helpers", "utils", "util", "handle", "process", "data", "info", "misc", "common"}
# Names that Django or its libraries ask for.
FRAMEWORK_NAMES = {
    "handle",
    "post_process",
    "get_context_data",
    "process_view",
    "process_response",
    "to_internal_value",
    "UserManager",
    "run_validation",
}


@dataclass(frozen=True)
class Module:
    """One Python file of the house."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def floor(self) -> str:
        return self.path.split("/")[0]

    @property
    def parts(self) -> list[str]:
        return self.path.removesuffix(".py").split("/")

    def nodes(self, *kinds: type) -> Iterator[ast.AST]:
        return (node for node in ast.walk(self.tree) if isinstance(node, kinds))


def imports_upward(module: Module) -> Iterator[str]:
    """An app imports only from floors beneath it; foreign keys and migrations count as imports."""
    for name in [*imported_names(module), *related_apps(module), *migration_dependencies(module)]:
        target = name.split(".")[0]
        if target in FLOORS and FLOORS.index(target) > FLOORS.index(module.floor):
            yield f"imports {name}: {target} stands above {module.floor}; send a signal, or let it fill a registry"


def is_too_long(module: Module) -> Iterator[str]:
    count = len(module.text.splitlines())
    if count > 400:
        yield f"has {count} lines; past 400 it becomes a package, split by noun"


def queries_in_a_view(module: Module) -> Iterator[str]:
    """Only access.py knows what somebody may see; a query that starts elsewhere skips it.

    Stopped are: any query in a function that takes a request, and queries over what belongs to customers anywhere among the pages.
    """
    if not FACES & set(module.parts[1:]) or module.parts[-1] == "access":
        return
    inside = {id(node) for function in functions_with_request(module) for node in ast.walk(function)}
    for node in module.nodes(ast.Attribute):
        if node.attr not in {"objects", "_base_manager", "_default_manager"}:
            continue
        if id(node) in inside or name_of(node.value) in GUARDED_MODELS:
            yield f"line {node.lineno}: {dotted(node)} in a page; ask access.py or a service"


def publishes_to_celery(module: Module) -> Iterator[str]:
    if module.path == "foundation/hints.py":
        return
    for node in module.nodes(ast.Attribute):
        if node.attr in {"delay", "apply_async", "send_task"}:
            yield f"line {node.lineno}: .{node.attr}; only hint() publishes, because no request may wait for the broker"


def schedules_far_ahead(module: Module) -> Iterator[str]:
    for node in module.nodes(ast.Call):
        for keyword in node.keywords:
            if keyword.arg in {"countdown", "eta"}:
                yield f"line {node.lineno}: {keyword.arg}=; a time is a row that a sweep finds, a message is only a hint"


def trusts_markup(module: Module) -> Iterator[str]:
    if module.floor == "ui":
        return
    for node in module.nodes(ast.Call):
        if name_of(node.func) in {"mark_safe", "SafeString", "SafeText"}:
            yield f"line {node.lineno}: {name_of(node.func)}() outside ui; use format_html or a tag of ui"


def reads_a_naive_clock(module: Module) -> Iterator[str]:
    for node in module.nodes(ast.Call):
        called = dotted(node.func)
        is_naive = called in {"datetime.now", "datetime.datetime.now"} and not node.args and not node.keywords
        if is_naive or called.endswith(("datetime.utcnow", "date.today", "datetime.today")):
            yield f"line {node.lineno}: {called}() has no time zone; use django.utils.timezone"


def counts_money_in_floats(module: Module) -> Iterator[str]:
    for node in module.nodes(ast.Call, ast.AnnAssign, ast.arg):
        if isinstance(node, ast.Call) and name_of(node.func) == "float" and any(speaks_of_money(arg) for arg in node.args):
            yield f"line {node.lineno}: float() of money; money is integer minor units"
        if isinstance(node, ast.AnnAssign | ast.arg) and node.annotation is not None:
            target = node.target if isinstance(node, ast.AnnAssign) else node
            if name_of(node.annotation) == "float" and speaks_of_money(target):
                yield f"line {node.lineno}: a float for money; money is integer minor units"
    for node in module.nodes(ast.Assign):
        if isinstance(node.value, ast.Call) and name_of(node.value.func) == "FloatField" and any(map(speaks_of_money, node.targets)):
            yield f"line {node.lineno}: FloatField for money; money is integer minor units"


def opens_csrf(module: Module) -> Iterator[str]:
    if module.path in {"orders/hooks.py", "workflows/reconciling/hooks.py"}:  # take nothing but what is signed
        return
    for node in module.nodes(ast.Name, ast.Attribute, ast.alias):
        if name_of(node) == "csrf_exempt":
            yield f"line {node.lineno}: csrf_exempt; only signed webhooks are exempt, and they are listed here"


def uses_banned_words(module: Module) -> Iterator[str]:
    """Code never says ticket or issue (a token may be issued)."""
    for name, line in defined_names(module):
        words = words_of(name)
        is_verb = words[:1] == ["issue"] or words[:2] == ["may", "issue"]
        if {"ticket", "tickets", "issues"} & set(words) or ("issue" in words and (not is_verb or len(words) == 1)):
            yield f"line {line}: {name}; say complaint, case or task (docs/glossary.md)"


def names_vaguely(module: Module) -> Iterator[str]:
    names = [(node.name, node.lineno) for node in module.nodes(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)]
    for name, line in [*names, (module.parts[-1], 1)]:
        if name not in FRAMEWORK_NAMES and VAGUE_WORDS & set(words_of(name)):
            yield f"line {line}: {name} says nothing; name what it is or does"


def feeds_requests_to_the_orm(module: Module) -> Iterator[str]:
    for node in module.nodes(ast.Call):
        for keyword in node.keywords:
            if keyword.arg is None and "request" in dotted(keyword.value).split("."):
                yield f"line {node.lineno}: **{dotted(keyword.value)}; a visitor would choose the field names"
        if name_of(node.func) in {"RawSQL", "eval", "exec"} or dotted(node.func).endswith(".extra"):
            yield f"line {node.lineno}: {name_of(node.func)}(); build the query or the value in code"


def hears_of_saving(module: Module) -> Iterator[str]:
    for name in imported_names(module):
        if name.startswith("django.db.models.signals."):
            yield f"imports {name}; news are sent by the service that makes them, never by saving"


def fetches_by_itself(module: Module) -> Iterator[str]:
    own_house = {"config/probes.py", "config/management/commands/up.py", "workflows/demo_gateway/loopback.py"}
    if module.path in own_house | {"foundation/fetch.py"}:  # the last is the door itself
        return
    for name in imported_names(module):
        if any(name == client or name.startswith(f"{client}.") for client in HTTP_CLIENTS):
            yield f"imports {name}; a call to another server goes through one guarded fetch"


def functions_with_request(module: Module) -> Iterator[ast.AST]:
    for function in module.nodes(ast.FunctionDef, ast.AsyncFunctionDef):
        if "request" in {arg.arg for arg in [*function.args.posonlyargs, *function.args.args]}:
            yield function


def imported_names(module: Module) -> Iterator[str]:
    for node in module.nodes(ast.Import, ast.ImportFrom):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif node.level == 0:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def related_apps(module: Module) -> Iterator[str]:
    for node in module.nodes(ast.Call):
        if name_of(node.func) in RELATIONS:
            targets = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg == "to")]
            yield from (t.value for t in targets if isinstance(t, ast.Constant) and isinstance(t.value, str) and "." in t.value)


def migration_dependencies(module: Module) -> Iterator[str]:
    if "migrations" in module.parts:
        for node in module.nodes(ast.Assign):
            if any(name_of(target) == "dependencies" for target in node.targets) and isinstance(node.value, ast.List):
                pairs = [item for item in node.value.elts if isinstance(item, ast.Tuple)]
                yield from (pair.elts[0].value for pair in pairs if isinstance(pair.elts[0], ast.Constant))


def defined_names(module: Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno


def words_of(name: str) -> list[str]:
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]


def speaks_of_money(node: ast.AST) -> bool:
    names = [name_of(each) for each in ast.walk(node)]
    return any(MONEY_WORDS & set(words_of(name)) for name in names)


def name_of(node: ast.AST) -> str:
    for attribute in ("attr", "id", "arg", "name"):
        if isinstance(getattr(node, attribute, None), str):
            return getattr(node, attribute)
    return ""


def dotted(node: ast.AST) -> str:
    return ast.unparse(node) if isinstance(node, ast.Attribute | ast.Name) else ""
