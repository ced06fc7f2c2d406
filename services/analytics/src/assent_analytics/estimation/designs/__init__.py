"""How people were selected, and the variance that follows from it. Start at `design`."""
