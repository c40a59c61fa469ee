"""Checking: what is right, what is wrong and why, of one person's work on one problem."""
