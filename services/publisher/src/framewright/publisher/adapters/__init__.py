"""The world outside the publisher: disks, servers, and one queue per server."""
