"""Regression models on any design: columns to a matrix, a fit, its covariance, and what can be tested and predicted from it."""
