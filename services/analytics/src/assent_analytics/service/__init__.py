"""What analytics does: one use case a file."""
