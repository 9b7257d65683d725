"""Apprise, in a process of its own: its many services share nothing with us but two pipes."""
