"""Response files: how each format is read, block by block, and how its columns become coded rows. Run in a process of its own.

Not here: which rows are new, and keeping them (service).
"""
