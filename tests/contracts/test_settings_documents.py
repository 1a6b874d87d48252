"""The documents of the settings are the ones that `make settings` writes."""

from core.settings import GROUPS, Settings
from tests.contracts.settings_documents import (
    EXAMPLE_FILE,
    SETTINGS_PAGE,
    example_file,
    settings_page,
)


def test_the_settings_page_is_up_to_date():
    assert SETTINGS_PAGE.read_text(encoding="utf-8") == settings_page()


def test_the_example_file_is_up_to_date():
    assert EXAMPLE_FILE.read_text(encoding="utf-8") == example_file()


def test_every_setting_has_a_description_and_belongs_to_a_group():
    fields = Settings.model_fields

    assert [name for name, field in fields.items() if not field.description] == []
    assert next(iter(fields)) == next(iter(GROUPS))
    assert set(GROUPS) <= set(fields)
