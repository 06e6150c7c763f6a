"""Publisher: writes each server's own format and triggers its refresh. See docs/architecture.md, "publisher"."""
