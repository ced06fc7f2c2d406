"""How what survey knows is kept: the tables, and every SQL statement."""
