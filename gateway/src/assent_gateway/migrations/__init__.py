"""How the gateway's database came to be what it is."""
