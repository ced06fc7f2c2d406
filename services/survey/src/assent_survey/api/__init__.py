"""What can be asked of survey over HTTP."""
