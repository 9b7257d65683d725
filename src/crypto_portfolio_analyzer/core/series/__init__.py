"""Series: named streams of numbers derived from facts about one subject; one file per family."""
