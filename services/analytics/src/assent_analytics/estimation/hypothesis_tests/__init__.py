"""Tests under a survey's design, and what they are built from: cells of tables, and tails of sums of chi-squares."""
