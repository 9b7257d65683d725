"""How people type: the command `crypto-analyzer`."""
