"""One request for one server: write, tell, and wait until the server shows it."""
