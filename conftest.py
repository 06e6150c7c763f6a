"""Registers the fixtures that every test may ask for: `bus`, `server`."""

pytest_plugins = ["framewright.chassis.testing.plugin"]
