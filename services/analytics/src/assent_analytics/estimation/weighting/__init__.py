"""Fitting weights to what is known of a population: one method a file, each a function of weights that gives weights."""
