"""The world outside ingest: the ui behind the shared port, the folders that are scanned."""
