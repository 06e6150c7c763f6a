"""The world of the extractor: files, decoders, supervised worker processes, the command line."""
