"""What survey does: use cases, each a synchronous function of a session that is all or nothing and returns plain data."""
