"""What an event means and which events are one; what a scan goes through. Pure."""
