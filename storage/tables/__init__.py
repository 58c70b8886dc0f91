"""Every table, one module a noun. Every row carries `association_id`: associations share a database, never a row."""

from storage.tables.application import Application, ApplicationEvent
from storage.tables.association import Association, ChannelAccount, Counter, Rate
from storage.tables.audit import Audit
from storage.tables.campaign import Campaign, CampaignRecipient, Reached, Template, Uploaded
from storage.tables.consent import Consent
from storage.tables.content import Content
from storage.tables.document import Document
from storage.tables.dues import Charge, Fee, Terms
from storage.tables.hand_over import HandOver
from storage.tables.ledger import Entry, Posting
from storage.tables.link import Link
from storage.tables.member import Heir, Member
from storage.tables.message import Delivery, Message, Received
from storage.tables.payment import Collection, Dispute, Payment, PaymentEvent, Proof
from storage.tables.person import Address, Attempt, Invitation, JoinCode, Person, Role
from storage.tables.receipt import Receipt
from storage.tables.reminder import Call, Promise, Reminder, ReminderRule
from storage.tables.remittance import Remittance, RemittanceLine
from storage.tables.talk import Talk
from storage.tables.ticket import Ticket

__all__ = [
    "Address",
    "Application",
    "ApplicationEvent",
    "Association",
    "Attempt",
    "Audit",
    "Call",
    "Campaign",
    "CampaignRecipient",
    "ChannelAccount",
    "Charge",
    "Collection",
    "Consent",
    "Content",
    "Counter",
    "Delivery",
    "Dispute",
    "Document",
    "Entry",
    "Fee",
    "HandOver",
    "Heir",
    "Invitation",
    "JoinCode",
    "Link",
    "Member",
    "Message",
    "Payment",
    "PaymentEvent",
    "Person",
    "Posting",
    "Promise",
    "Proof",
    "Rate",
    "Reached",
    "Receipt",
    "Received",
    "Reminder",
    "ReminderRule",
    "Remittance",
    "RemittanceLine",
    "Role",
    "Talk",
    "Template",
    "Terms",
    "Ticket",
    "Uploaded",
]
