import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from tests.foundation.pictures import picture
from tests.workflows.house import make_house, second
from tests.workflows.scan.builders import packer_of, received
from workflows.models import Case, InspectionLine, Task
from workflows.scan.bench import read_bench
from workflows.scan.inspection_forms import PHRASES

pytestmark = pytest.mark.django_db


def at(name: str, task: Task, *parts) -> str:
    return reverse(f"admin:scan-inspect{name}", args=[task.pk, *parts])


def lines_of(case: Case) -> list[InspectionLine]:
    return list(InspectionLine.objects.filter(claim__case=case).order_by("pk"))


def photo(name: str = "a.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture("jpeg"), content_type="image/jpeg")


def task_now(case: Case) -> Task:
    return Task.objects.filter(case=case, role="warehouse", done_at__isnull=True).order_by("pk").last()


def test_one_touch_records_a_good_piece_and_begins_the_inspection():
    house, case, task = received()

    answer = packer_of(house).post(at("-good", task), {"line": lines_of(case)[0].pk, "request_id": "r1"})

    assert answer.status_code == 303
    line = lines_of(case)[0]
    assert (line.state, line.graded, line.disposition, line.inspected_by) == ("disposed", "a", "restock", house.packer)
    assert Case.objects.get(pk=case.pk).state == "inspecting"


def test_the_same_touch_twice_is_one():
    house, case, task = received()
    client = packer_of(house)
    told = {"line": lines_of(case)[0].pk, "request_id": "r1"}
    client.post(at("-good", task), told)

    answer = client.post(at("-good", task_now(case)), told)

    assert answer.status_code == 303
    assert lines_of(case)[0].state == "disposed"


def test_the_whole_passes_with_a_second_touch():
    house, case, task = received()
    client = packer_of(house)
    page = client.post(at("-good", task), {"line": lines_of(case)[0].pk, "request_id": "r1"}, follow=True)
    assert 'value="pass"' in page.content.decode()

    answer = client.post(at("-end", task_now(case)), {"verb": "pass", "request_id": "r2"})

    assert answer.status_code == 303
    assert Case.objects.get(pk=case.pk).state not in ("received", "inspecting", "exception")


def test_all_pieces_of_a_kind_take_one_touch():
    house, case, task = received(make_house(quantity=3), pieces=3)

    packer_of(house).post(at("-good", task), {"line": [line.pk for line in lines_of(case)], "request_id": "r1"})

    assert [line.state for line in lines_of(case)] == ["disposed"] * 3


def test_a_half_done_task_goes_on_elsewhere():
    house, case, task = received(make_house(quantity=2), pieces=2)
    packer_of(house).post(at("-good", task), {"line": lines_of(case)[0].pk, "request_id": "r1"})

    page = packer_of(house).get(at("", task_now(case))).content.decode()

    assert f'value="{lines_of(case)[1].pk}"' in page
    assert f'value="{lines_of(case)[0].pk}"' not in page


def test_a_damaged_piece_without_a_photo_is_not_recorded_and_nothing_typed_is_lost():
    house, case, task = received()

    answer = packer_of(house).post(at("-line", task, lines_of(case)[0].pk), {"condition": "damaged", "note": "角上裂了"})

    assert answer.status_code == 409
    assert "角上裂了" in answer.content.decode()
    assert lines_of(case)[0].state == "pending"
    assert Case.objects.get(pk=case.pk).state == "received"


def test_a_photo_is_kept_when_something_else_is_missing():
    house, case, task = received()
    client = packer_of(house)

    answer = client.post(at("-line", task, lines_of(case)[0].pk), {"photos": [photo()]})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'name="attachments"' in page
    key = page.split('name="attachments" value="')[1].split('"')[0]
    answer = client.post(at("-line", task, lines_of(case)[0].pk), {"condition": "damaged", "attachments": [key]})
    assert answer.status_code == 303
    assert lines_of(case)[0].photos.count() == 1


def test_a_damaged_piece_with_a_photo_goes_to_a_lead():
    house, case, task = received()
    client = packer_of(house)
    given = {"condition": "damaged", "photos": [photo()], "phrases": [str(PHRASES[3])], "note": "屏幕", "accessories": ["box"]}
    client.post(at("-line", task, lines_of(case)[0].pk), given)

    answer = client.post(at("-end", task_now(case)), {"verb": "fail", "words": "请看照片"})

    line = lines_of(case)[0]
    assert answer.status_code == 303
    assert (line.fault, line.graded, line.disposition, line.accessories) == ("damaged", "c", "hold", ["box"])
    assert "屏幕" in line.note
    assert Case.objects.get(pk=case.pk).state == "exception"


def test_good_pieces_go_on_while_the_others_become_a_case_of_their_own():
    house, case, task = received(make_house(quantity=2), pieces=2)
    client = packer_of(house)
    good, bad = lines_of(case)
    client.post(at("-good", task), {"line": good.pk, "request_id": "r1"})
    client.post(at("-line", task_now(case), bad.pk), {"condition": "damaged", "photos": [photo()], "request_id": "r2"})

    answer = client.post(at("-end", task_now(case)), {"verb": "apart", "request_id": "r3"})

    assert answer.status_code == 303
    assert Case.objects.get(parent=case).state == "exception"
    assert Case.objects.get(pk=case.pk).state not in ("received", "inspecting", "exception")


def test_a_colleague_takes_over_openly():
    house, case, task = received(make_house(quantity=2), pieces=2)
    packer_of(house).post(at("-good", task), {"line": lines_of(case)[0].pk, "request_id": "r1"})
    colleague = second(house, "warehouse")
    house.warehouse.memberships.create(user=colleague)
    client = packer_of(house)
    client.force_login(colleague)
    assert at("-take-over", task_now(case)) in client.get(at("", task_now(case))).content.decode()

    client.post(at("-take-over", task_now(case)), {"request_id": "r2"})

    assert task_now(case).owner == colleague


def test_a_failed_piece_is_looked_at_again_by_somebody_else_only():
    house, case, task = received()
    client = packer_of(house)
    line = lines_of(case)[0]
    client.post(at("-line", task, line.pk), {"condition": "damaged", "photos": [photo()]})

    answer = client.post(at("-again", task_now(case), line.pk), {"request_id": "r"})

    assert answer.status_code == 403
    assert lines_of(case)[0].state == "failed"


def test_the_task_of_another_warehouse_is_nobodys():
    house, _case, task = received()
    stranger = make_house().packer
    client = packer_of(house)
    client.force_login(stranger)

    assert client.get(at("", task)).status_code == 404
    assert client.post(at("-good", task), {"line": "1"}).status_code == 404


def test_a_task_that_is_over_leads_to_the_one_of_now():
    house, case, task = received()
    over = Task.objects.create(
        case=case, kind="received", role="warehouse", warehouse=house.warehouse, done_at=timezone.now(), outcome="done"
    )

    assert packer_of(house).get(at("", over)).url == at("", task)


def test_the_page_shows_no_money():
    house, _case, task = received()

    page = packer_of(house).get(at("", task)).content.decode()

    assert "¥" not in page
    assert "99.00" not in page


def test_the_sheet_lists_every_piece_with_the_code_of_the_case():
    house, case, task = received(make_house(quantity=2), pieces=2)

    page = packer_of(house).get(at("-print", task)).content.decode()

    assert "code--bar" in page
    assert page.count('<th scope="row">') == 2
    assert case.number in page


def test_a_bench_costs_the_same_with_one_piece_and_with_three(django_assert_num_queries):
    _house, one, _task = received(make_house(quantity=1), pieces=1)
    with django_assert_num_queries(3):
        assert len(read_bench(one).pieces) == 1
    _house, three, _task = received_as("SF9999999999999", pieces=3)

    with django_assert_num_queries(3):
        assert len(read_bench(three).pieces) == 3


def received_as(waybill: str, *, pieces: int):
    from tests.workflows.scan.builders import expected, scan, send

    house = make_house(quantity=pieces)
    case = expected(house, waybill=waybill, pieces=pieces)
    send(packer_of(house), scan(waybill))
    return house, Case.objects.get(pk=case.pk), task_now(case)


def test_the_list_shows_what_waits_and_how_far_it_is():
    house, case, _task = received(make_house(quantity=2), pieces=2)
    packer_of(house).post(at("-good", task_now(case)), {"line": lines_of(case)[0].pk, "request_id": "r1"})

    page = packer_of(house).get(reverse("admin:scan-tasks")).content.decode()

    assert case.number in page
    assert at("", task_now(case)) in page
