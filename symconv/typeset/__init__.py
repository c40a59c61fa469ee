"""The only Python that knows markup languages."""
