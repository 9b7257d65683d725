"""HTTP resources: each file here exposes a `router`, and its name is all the announcement it needs."""
