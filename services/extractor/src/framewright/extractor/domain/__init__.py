"""What is asked of the extractor and how a film is walked: pure planning, no file, no decoder, no clock."""
