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
uncertain = Gauge("bot_uncertain_messages", "Messages of which nobody knows whether they arrived", ["channel"])
parked = Gauge(
    "bot_parked_messages", "Messages that wait for her word, or for what the reason says", ["channel", "why"]
)
reached = Gauge("bot_whatsapp_window_users_24h", "People written to outside of their windows in 24 hours", ["channel"])
people_limit = Gauge("bot_whatsapp_window_users_limit", "How many people that may be", ["channel"])
templates = Gauge("bot_templates", "Templates by what the provider says of them", ["channel", "status"])
reminders = Gauge("bot_reminders", "Reminders by what became of them", ["status"])
campaigns = Gauge("bot_campaigns", "Announcements by state", ["status"])
billable = Counter("bot_whatsapp_billable_messages", "Messages that the provider bills", ["channel", "category"])
reports = Counter("bot_delivery_reports", "What providers reported about our messages", ["channel", "status", "result"])
spooled = Counter("bot_spooled", "Messages kept on the disk while the database did not answer")
unspooled = Counter("bot_unspooled", "Messages taken in from the disk afterwards")
