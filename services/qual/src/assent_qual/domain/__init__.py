"""What is true of talk, consent and codes, whatever the technology."""
