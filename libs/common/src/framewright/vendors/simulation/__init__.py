"""What the simulated media servers share: shelves of real files, an index with a delay, faults and a record of calls."""
