"""How things are kept: the tables, and every SQL statement."""
