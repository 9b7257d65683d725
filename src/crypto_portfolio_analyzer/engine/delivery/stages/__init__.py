"""What a delivery goes through before it is sent: one small stage each, in the order of `pipeline`."""
