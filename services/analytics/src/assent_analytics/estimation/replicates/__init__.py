"""Replicate weights: how they are made from a design, and the variance of any statistic by them. Start at `design`."""
