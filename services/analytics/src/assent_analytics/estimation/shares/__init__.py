"""Shares of people: with every interval of R's `svyciprop`, and with the bounds and tests that a reading rests on."""
