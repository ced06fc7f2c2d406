"""What the gateway does: opens studies, keeps members and keys, and finds out who asks."""
