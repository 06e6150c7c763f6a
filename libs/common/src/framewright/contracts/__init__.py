"""What travels between services: one frozen struct per message and version, and the catalogue of where it lives."""
