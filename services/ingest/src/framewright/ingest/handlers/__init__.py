"""HTTP routes for senders, and the consumer that acts on what they sent."""
