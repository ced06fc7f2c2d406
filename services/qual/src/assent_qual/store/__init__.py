"""How qual's things are kept: tables, and every SQL statement."""
