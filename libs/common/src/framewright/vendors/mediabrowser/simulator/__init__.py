"""What the simulated Emby and Jellyfin share: a catalogue of videos, tokens and users, and the queries over items."""
