"""Facts folded into rows, the status rules of jobs, and the shapes that the API answers; no IO and no clock."""
