"""Replay: a further problem of a known shape, without deriving and typesetting it again."""
