"""The type checker of the model's tests: beartype, with int accepted as float."""

from beartype import BeartypeConf, beartype

checked = beartype(conf=BeartypeConf(is_pep484_tower=True))
