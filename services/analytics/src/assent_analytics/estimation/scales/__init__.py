"""Scales made of several items, and types of respondents: reliability, factors, item functioning, latent classes."""
