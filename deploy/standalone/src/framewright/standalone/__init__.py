"""The whole system on one box: an embedded nats-server, supervised services, one HTTP port, and the command line."""
