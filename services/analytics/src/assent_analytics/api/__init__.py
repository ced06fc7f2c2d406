"""What analytics can be asked over HTTP: items and bases, estimates, proposals and the evidence on them."""
