"""The Greek letters a person may name, and the sign of a partial derivative; LaTeX and Typst spell them alike."""

_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi "
    "omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega partial"
)
GREEK = frozenset(_NAMES.split())


def is_greek(name: str) -> bool:
    """Whether the name is that of a Greek letter.

    >>> is_greek("phi"), is_greek("phil")
    (True, False)
    """
    return name in GREEK
