"""What Radarr remembers of its files; see `framewright.vendors.arr.history`."""

from framewright.vendors.arr.history import ArrHistory

HISTORY = ArrHistory("Radarr", "movieId")
