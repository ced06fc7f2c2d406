"""Estimates and evidence: what a study knows about a proposed practice, computed from what the other services say."""
