"""What qual does: one transaction each."""
