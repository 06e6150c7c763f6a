"""The operators' window: facts folded into jobs and files, a REST API over them, live updates and a dashboard."""
