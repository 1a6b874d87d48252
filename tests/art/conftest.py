"""Shapes are checked while tests run: beartype checks the jaxtyping annotations of `art`."""

from jaxtyping import install_import_hook

import tests.model.type_checker  # noqa: F401  # the import hook refers to it by name

install_import_hook("art", "tests.model.type_checker.checked")  # before a test imports `art`
