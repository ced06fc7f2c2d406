"""What can be asked of qual over HTTP."""
