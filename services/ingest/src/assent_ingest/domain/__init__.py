"""What is true of documents, passages and rationales whatever the technology. No HTTP, no SQL, no clock."""
