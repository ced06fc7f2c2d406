"""How studies, members and keys are kept."""
