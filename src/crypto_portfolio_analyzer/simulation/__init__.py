"""Simulated venues: loopback servers that speak real wire protocols from a seeded tape and punish broken limits."""
