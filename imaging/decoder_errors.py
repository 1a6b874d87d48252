"""The exceptions that Pillow's decoders raise on damaged files."""

import struct
import zlib
from typing import Final

DECODER_ERRORS: Final = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    EOFError,
    LookupError,
    OverflowError,
    RuntimeError,
    struct.error,
    zlib.error,
)
"""Found by decoding mutated files; see tests/app/test_pictures.py."""
