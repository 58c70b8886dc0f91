"""How fast: every figure beside its lower bound, measured in the same run."""
