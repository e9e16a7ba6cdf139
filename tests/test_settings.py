from pathlib import Path

import pytest

from attntopo.settings import Settings, SettingsError, read_settings


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
            "ATTNTOPO_RESULTS_MB": "100",
            "ATTNTOPO_MODELS_MB": "900",
            "ATTNTOPO_SAMPLE_PAIRS": "off",
        }
    )
    assert found == Settings(
        cache_folder=Path("/some/where"),
        downloads=False,
        extra_models=("owner/one", "owner/two"),
        upload_megabytes=5,
        upload_megapixels=12.5,
        attention_megabytes=32,
        results_megabytes=100,
        models_megabytes=900,
        sample_pairs=False,
    )


def test_the_server_takes_files_up_to_the_larger_limit():
    assert read_settings({}).file_megabytes == 64
    assert read_settings({"ATTNTOPO_UPLOAD_MB": "80"}).file_megabytes == 80


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ATTNTOPO_DOWNLOADS", "perhaps"),
        ("ATTNTOPO_SAMPLE_PAIRS", "maybe"),
        ("ATTNTOPO_UPLOAD_MB", "ten"),
        ("ATTNTOPO_UPLOAD_MB", "-1"),
        ("ATTNTOPO_ATTENTION_MB", "0"),
        ("ATTNTOPO_RESULTS_MB", "nan"),
        ("ATTNTOPO_MODELS_MB", "inf"),
    ],
)
def test_a_bad_value_is_named(name, value):
    with pytest.raises(SettingsError, match=name):
        read_settings({name: value})
