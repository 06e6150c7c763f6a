"""The dialect that Emby and Jellyfin share, inherited from Media Browser: functions over an endpoint, no base class."""
