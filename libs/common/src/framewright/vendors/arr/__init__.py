"""The dialect of the *arr programs: one family of payloads, told in tables of event types; no base class, no vendor of its own."""
