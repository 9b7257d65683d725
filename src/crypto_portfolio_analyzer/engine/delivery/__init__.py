"""Telling, once and provably: the outbox emptied into channels, paced, tried again, and written down."""
