"""Means, totals, ratios, variances and counts of a population, whole or by group, and what a design costs them."""
