"""What ingest does: use cases, one transaction each, that keep rows and append the events that make them known."""
