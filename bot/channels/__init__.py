"""One module a channel, each with the same four names: verify, read, draw, send."""
