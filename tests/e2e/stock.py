"""The pages of the themed stock admin: list, form and empty form of everything that is configured there."""

from collections.abc import Iterator

from playwright.sync_api import Page

from tests.e2e.pages import ADMIN, AGENT, LEAD, MANAGER, Case, Step, press

KNOWN_BY_MANAGERS = (
    "knowledge_cannedreply", "knowledge_article", "knowledge_articlecategory", "knowledge_synonym", "knowledge_dictionaryword",
    "knowledge_searchlog",
)  # fmt: skip


def stock_models() -> dict[str, bool]:
    """Everything that stands in the stock admin, as app_model, and whether rows are added there."""
    from django.contrib import admin

    from ui.changelists import ReadOnlyAdmin

    grows = {model: type(shown).has_add_permission is not ReadOnlyAdmin.has_add_permission for model, shown in admin.site._registry.items()}
    return {model._meta.label_lower.replace(".", "_"): is_added for model, is_added in grows.items()}


def stock_without_page() -> set[str]:
    """History and deletion look alike everywhere and are looked at once; some things cannot be added."""
    names = {f"admin:{name}_{act}" for name in stock_models() for act in ("history", "delete")}
    return names | {f"admin:{name}_add" for name, is_added in stock_models().items() if not is_added}


def stock_cases() -> Iterator[Case]:
    """The themed stock admin: list, form and empty form of everything that is configured there."""
    for name, is_added in stock_models().items():
        label = name.replace("_", "/")
        who = {"complaints_complaint": LEAD, **dict.fromkeys(KNOWN_BY_MANAGERS, MANAGER)}.get(name, ADMIN)
        status = 403 if name == "auth_group" else 200
        yield Case(f"admin:{name}_changelist", f"/admin/{label}/", who, status=status)
        yield Case(f"admin:{name}_change", f"/admin/{label}/", who, status=status, then=open_first_row)
        if is_added:
            yield Case(f"admin:{name}_add", f"/admin/{label}/", who, status=status, then=open_add_form)
    yield Case("admin:complaints_form_change", "/admin/complaints/form/", AGENT, "agent", then=open_first_row)
    yield Case("admin:complaints_form_add", "/admin/complaints/form/", MANAGER, "new-version", then=begin_version())
    for button, state in (("_preview", "preview"), ("_save", "error")):
        yield Case("admin:complaints_form_add", "/admin/complaints/form/", MANAGER, state, then=begin_version(button))
    yield Case("admin:app_list", "/admin/accounts/", ADMIN)
    yield Case("admin:accounts_team_history", "/admin/accounts/team/1/history/", ADMIN)
    yield Case("admin:complaints_tag_delete", "/admin/complaints/tag/1/delete/", ADMIN, status=403)


def open_first_row(page: Page) -> None:
    row = page.locator("#result_list tbody th a, #result_list tbody td a").first
    if row.count():
        with page.expect_navigation():
            row.click()


def open_add_form(page: Page) -> None:
    link = page.locator(".object-tools .addlink")
    if link.count():
        with page.expect_navigation():
            link.click()


def begin_version(button: str = "") -> Step:
    """Begin a new version with the first form; publishing it as it is says that nothing was changed."""

    def begun(page: Page) -> None:
        open_first_row(page)
        open_add_form(page)
        if button:
            press(f"[name={button}]")(page)

    return begun
