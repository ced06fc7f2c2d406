"""What can be asked of ingest over HTTP: parse, call one use case, shape the answer."""
