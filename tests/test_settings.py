import re
from pathlib import Path

import pytest

from attntopo.settings import Settings, SettingsError, read_settings, variables


def test_an_empty_environment_gives_the_defaults():
    assert read_settings({}) == Settings()


def test_every_variable_is_read():
    found = read_settings(
        {
            "ATTNTOPO_CACHE": "/some/where",
            "ATTNTOPO_DOWNLOADS": "off",
            "ATTNTOPO_MODELS": "owner/one, owner/two",
            "ATTNTOPO_UPLOAD_MB": "5",
            "ATTNTOPO_UPLOAD_MEGAPIXELS": "12.5",
            "ATTNTOPO_ATTENTION_MB": "32",
            "ATTNTOPO_MEMORY_MB": "900",
            "ATTNTOPO_WORKERS": "3",
            "ATTNTOPO_SHARING": "no",
            "ATTNTOPO_PHOTOS": "s3://bucket/photos",
            "ATTNTOPO_PHOTOS_DAYS": "7",
            "ATTNTOPO_PHOTOS_MB": "200",
            "ATTNTOPO_SAMPLE_PAIRS": "off",
            "ATTNTOPO_STATUS_SECONDS": "0",
        }
    )
    assert found == Settings(
        cache_folder=Path("/some/where"),
        downloads=False,
        extra_models=("owner/one", "owner/two"),
        upload_megabytes=5,
        upload_megapixels=12.5,
        attention_megabytes=32,
        memory_megabytes=900,
        workers=3,
        sharing=False,
        photos="s3://bucket/photos",
        photos_days=7,
        photos_megabytes=200,
        sample_pairs=False,
        status_seconds=0,
    )


def test_the_server_takes_files_up_to_the_larger_limit():
    assert read_settings({}).file_megabytes == 64
    assert read_settings({"ATTNTOPO_UPLOAD_MB": "80"}).file_megabytes == 80


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ATTNTOPO_DOWNLOADS", "perhaps"),
        ("ATTNTOPO_SAMPLE_PAIRS", "maybe"),
        ("ATTNTOPO_SHARING", "perhaps"),
        ("ATTNTOPO_UPLOAD_MB", "ten"),
        ("ATTNTOPO_UPLOAD_MB", "-1"),
        ("ATTNTOPO_ATTENTION_MB", "0"),
        ("ATTNTOPO_MEMORY_MB", "nan"),
        ("ATTNTOPO_MEMORY_MB", "inf"),
        ("ATTNTOPO_WORKERS", "1.5"),
        ("ATTNTOPO_STATUS_SECONDS", "-1"),
    ],
)
def test_a_bad_value_is_named(name, value):
    with pytest.raises(SettingsError, match=name):
        read_settings({name: value})


def test_the_readme_lists_every_variable():
    readme = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
    listed = re.findall(r"`(ATTNTOPO_\w+)`", readme)
    assert [name for name in variables() if name not in listed] == []
    assert set(listed) <= set(variables())


def test_no_other_page_names_a_variable_that_is_not_there():
    root = Path(__file__).parents[1]
    pages = [*(root / "docs").glob("*.md"), root / "Dockerfile", root / ".streamlit/config.toml"]
    listed = {
        name for page in pages for name in re.findall(r"ATTNTOPO_\w+", page.read_text("utf-8"))
    }
    assert len(listed) > 5
    assert listed <= set(variables())
    assert "(../README.md#settings)" in (root / "docs/hosting.md").read_text("utf-8")
