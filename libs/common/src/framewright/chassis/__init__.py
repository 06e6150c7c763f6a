"""The frame every service is built on: all IO that services share."""
