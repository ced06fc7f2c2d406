"""Groups set beside each other, and collections over time: differences, which may be lowest, and whether any matters."""
