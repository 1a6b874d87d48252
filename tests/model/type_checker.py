"""How annotations are checked while the model's tests run: as beartype does, and 1 is a float."""

from beartype import BeartypeConf, beartype

checked = beartype(conf=BeartypeConf(is_pep484_tower=True))
