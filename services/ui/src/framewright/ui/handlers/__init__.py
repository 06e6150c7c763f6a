"""HTTP routes: one module per resource, each a function that makes a router from the `Desk`."""
