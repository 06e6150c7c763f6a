"""Extractor: finds and encodes preview frames. See docs/architecture.md, "extractor"."""
