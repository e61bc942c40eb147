"""Static files are collected when one of them changed, and only then."""

from pathlib import Path

from config.static import collect_stale


def test_static_files_are_collected_once_until_one_changes(settings, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "new.css").write_text("a{}")
    settings.STATICFILES_DIRS, settings.STATICFILES_FINDERS = [source], ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "collected"

    done = [collect_stale(), collect_stale()]
    (source / "new.css").write_text("a{color:red}")
    done.append(collect_stale())

    assert done == [True, False, True]
    assert (Path(settings.STATIC_ROOT) / "new.css").read_text() == "a{color:red}"
