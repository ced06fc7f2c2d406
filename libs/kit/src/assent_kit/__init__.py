"""How a service runs: its app, its database lane, outbox, bus, consumers, identity and problems.

Not here: what is said between services (assent_contracts) and any rule of a strand.
"""
