"""Judging: which alert's condition became true, decided from facts alone; live, in replay and in a back-test."""
