"""What is counted. No label ever names a person."""

from prometheus_client import Counter, Gauge

inbound = Counter("bot_inbound", "Messages taken in", ["channel", "kind", "result"])
rejected = Counter("bot_inbound_rejected", "Requests that brought no message", ["channel", "reason"])
sent = Counter("bot_send", "Attempts to send", ["channel", "kind", "outcome"])
send_errors = Counter("bot_send_errors", "What providers refused", ["channel", "code"])
send_wait = Gauge("bot_outbox_oldest_age_seconds", "How long the oldest message waits", ["channel"])
messages = Gauge("bot_outbox_messages", "Messages by state", ["channel", "kind", "status"])
waiting = Gauge("bot_inbox_pending", "Messages that wait to be answered")
dead = Gauge("bot_dead_letters", "Messages that could not be processed")
billable = Counter("bot_whatsapp_billable_messages", "Messages that the provider bills", ["channel", "category"])
reports = Counter("bot_delivery_reports", "What providers reported about our messages", ["channel", "status", "result"])
spooled = Counter("bot_spooled", "Messages kept on the disk while the database did not answer")
unspooled = Counter("bot_unspooled", "Messages taken in from the disk afterwards")
