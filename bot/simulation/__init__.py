"""Plays an association for months on a moved clock, and proves what its reminders promise.

The planner, the outbox, the ledger and the last look before sending are the real ones, on a real database; only the
provider, the people and the time are made up. `years` plays, `people` and `provider` are whom it plays with, `referee`
knows nothing of the program but what the provider took, and says what was right.
"""
