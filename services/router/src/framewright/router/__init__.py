"""Router: resolves a path to the servers that own it and makes one job of it. See docs/architecture.md, "router"."""
