"""What is true of keys, roles, routes and failing upstreams, whatever the technology. No clock, no database, no HTTP framework."""
