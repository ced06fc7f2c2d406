"""Analyses on request: a small declarative question in, numbers with their base, design and recipe out.

One file a method, all with the same face: a request model, `run(frame, request) -> Numbers`, and `in_r`, which writes the R code
that gives the same numbers. Estimation stays pure (estimation), and what may be shown is decided for all of them in one place
(output_rules).
"""
