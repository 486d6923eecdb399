"""The same measure text on every engine, and against plain Python."""

import pytest

# So that a figure that differs is shown and not only told to differ.
pytest.register_assert_rewrite(f"{__name__}.comparing")
