"""Models in which groups differ by random intercepts: linear, logistic, and estimates for small groups made from the latter."""
