"""Audit: every chain of equals in a text of LaTeX or Markdown, evaluated."""
