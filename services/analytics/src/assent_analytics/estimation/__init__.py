"""The statistics: NumPy and SciPy only, no store and no HTTP. Numbers go in as arrays, estimates come out as plain data."""
