"""Grading: the answers of a class, checked against the key of a sheet."""
