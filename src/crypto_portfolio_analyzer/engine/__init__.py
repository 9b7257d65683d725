"""Engine: what we do about facts. Speaks to stores and streams through ports only."""
