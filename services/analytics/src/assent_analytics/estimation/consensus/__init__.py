"""How far people agree on an ordered scale: indices of a distribution, and their errors under a survey's design.

Every index takes shares (or counts) of K ordered categories, lowest first, as (..., K), and gives one number for each row. They
disagree by design: `display` says which stand side by side, and `intervals` how sure they are.
"""
