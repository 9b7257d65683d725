"""One file per step, numbered; a step that was released is never edited."""
