"""Everything that runs: channels, web, turn, outbox, schedule and the command line."""
