"""The rules of evidence as plain functions: what counts as support, what may be shown, what the figures may be read to say."""
