"""Pictures of what was computed: pure functions from data to text, without a drawing library."""
