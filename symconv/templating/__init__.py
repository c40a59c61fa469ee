"""Templating: how templates are read and run, ours and those of a person; the only place that imports Jinja."""
