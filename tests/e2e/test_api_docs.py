"""The description of the API, drawn by Swagger UI: as sound as our own pages, folded and unfolded."""

import pytest

from tests.e2e.browser import SIZES, find_axe_violations, find_shape_faults, show_whole


@pytest.mark.parametrize("size", SIZES)
def test_description_of_the_api_is_sound(size, house):
    with house.visitor(size=size) as page:
        page.goto("/api/docs/")
        page.locator(".opblock").first.wait_for()
        folded = find_faults(page, size)

        for name in ("v1_attachments_create", "v1_complaints_retrieve"):
            page.locator(f"#operations-v1-{name} .opblock-summary-control").click()
            page.locator(f"#operations-v1-{name} .opblock-body pre").first.wait_for()
        unfolded = find_faults(page, size)

    assert folded == []
    assert unfolded == []


def find_faults(page, size: str) -> list[str]:
    show_whole(page, size)
    return [*find_axe_violations(page), *find_shape_faults(page)]
