"""Releasing figures: what is checked, what the register keeps, and how what was released is read again."""
