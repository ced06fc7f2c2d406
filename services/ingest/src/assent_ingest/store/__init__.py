"""How documents, their text, passages and rationales are kept. Every SQL statement of ingest is here."""
