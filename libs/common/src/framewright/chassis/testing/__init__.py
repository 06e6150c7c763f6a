"""What tests and trial runs share: real media made on the spot, and whatever else stands in for the world honestly."""
