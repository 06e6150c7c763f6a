"""Ingest: takes webhooks and scans in, stores before it answers. See docs/architecture.md, "ingest"."""
