"""Everything that runs: channels, web, turn, outbox, schedule and the command line."""

import gc

gc.set_threshold(50_000, 20, 100)  # most that a turn makes is gone without it; a played talk costs a fifth less
