"""Gateway and four services in one process, the `assent` command, and the files generated from all of them.

Not here: anything a service does.
"""
