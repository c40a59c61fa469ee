"""Runs: long work in chunks, by many processes or machines, that can be interrupted and gone on with."""
