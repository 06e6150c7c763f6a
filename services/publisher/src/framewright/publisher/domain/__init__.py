"""The rules of publishing, pure: what is written, whether it must be, how long a server is waited for, what is told."""
