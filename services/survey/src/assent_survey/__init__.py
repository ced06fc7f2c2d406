"""Instruments, deliveries and responses: what parents were asked, and what they answered.

Not here: what the answers amount to (assent_analytics).
"""
