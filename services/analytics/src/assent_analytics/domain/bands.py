"""Counts of people in bands. Around small numbers an exact count, and even a zero, can tell who it was."""

_BANDS = ((10, "under_10"), (30, "10_to_29"), (100, "30_to_99"))


def band(count: int) -> str:
    """The band of a count: `under_10` (which includes none), `10_to_29`, `30_to_99` or `100_or_more`."""
    return next((name for limit, name in _BANDS if count < limit), "100_or_more")
