"""Numbers as people write them in tables, read and written: decimal commas, thousands, percentages, no minus zero."""

import math
import re

EITHER = re.compile(r"[-+]?[1-9][0-9]{0,2},[0-9]{3}")
"""A text that can be 1250 and 1.25."""


def number_in(text: str) -> float | None:
    """Read a number; None where there is none.

    The last sign is the decimal one, a lone comma before three digits parts thousands, and 70% is 0.7.
    """
    bare = re.sub(r"[\s']", "", text).strip("€$£")
    share = bare.endswith("%")
    bare = bare.removesuffix("%")
    if bare.rfind(",") > bare.rfind("."):
        parts = bare.split(",")
        thousands = len(parts) > 2 or ("." not in bare and len(parts[-1]) == 3 and parts[0] not in ("0", "-0"))
        bare = bare.replace(",", "") if thousands else bare.replace(".", "").replace(",", ".")
    else:
        bare = bare.replace(",", "") if bare.count(".") <= 1 else bare.replace(".", "").replace(",", "")
    try:
        value = float(bare) / (100.0 if share else 1.0)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in bare else None


def number_text(value: float, form: str) -> str:
    """Write a number for a reader: never a zero with a sign.

    Args:
        value: the number.
        form: a format such as ``.1f``, ``+.2f`` or ``.0%``.

    Returns:
        The text; what rounds to zero has no sign, what is not known is a dash, what is infinite is "none seen".
    """
    if value != value:
        return "–"
    if math.isinf(value):
        return "none seen"
    text = format(value, form)
    return text if re.search("[1-9]", text) else text.lstrip("+-")
