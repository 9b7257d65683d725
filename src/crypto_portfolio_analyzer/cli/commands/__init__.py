"""One file per command group; its file name is its name, its `command` what it does."""
