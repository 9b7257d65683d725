"""Conditions: sentences over series, from text to something that can be judged."""
