"""How each format is read: one file per format, each with `read(data) -> Reading`.

Run as `python -I -m assent_ingest.formats`, the package is the worker that reads one document under limits; nothing here is called
in the process that answers requests. Readers raise `Unreadable` and know neither HTTP nor a database.
"""
