"""The world: the projection's database, the bus, frames, pages and files."""
