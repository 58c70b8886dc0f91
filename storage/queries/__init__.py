"""Queries: session first, typed result, no commit. `find_x → X | None`; `get_x` raises; plurals are lists."""
