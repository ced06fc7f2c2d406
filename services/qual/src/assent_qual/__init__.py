"""The qual service: people, talk and codes."""
