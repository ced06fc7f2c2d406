"""Quantiles of a number in the population, by R's rules. Start at `woodruff`."""
