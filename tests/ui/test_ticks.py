import pytest
from django.contrib.admin.utils import display_for_value
from django.utils import translation


@pytest.mark.parametrize(("value", "name"), [(True, "是"), (False, "否"), (None, "未知")])
def test_a_picture_of_yes_or_no_is_called_so_in_the_readers_language(value, name):
    with translation.override("zh-hans"):
        drawn = display_for_value(value, "-", boolean=True)

    assert f'alt="{name}"' in drawn
