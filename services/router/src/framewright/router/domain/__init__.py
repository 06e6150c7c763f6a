"""What the router decides, without looking at anything: which file a path means, whose it is, what work that makes."""
