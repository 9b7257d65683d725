"""How we tell people and programs: one file per type of channel."""
