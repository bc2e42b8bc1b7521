"""How source and information are graded: the letters and figures of each scheme."""

from __future__ import annotations

# scheme: (grades of the source, grades of the information)
GRADES: dict[str, tuple[str, str]] = {
    "admiralty": ("ABCDEF", "123456"),
    "4x4": ("ABCX", "1234"),
}
