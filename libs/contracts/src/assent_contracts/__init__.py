"""What the strands share: the practice vocabulary, groups of parents, and the events between services.

Not here: how a service runs (assent_kit) and anything that reads or writes.
"""
