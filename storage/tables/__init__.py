"""Every table, one module a noun. Every row carries `association_id`: associations share a database, never a row."""

from storage.tables.application import Application, ApplicationEvent
from storage.tables.association import Association, ChannelAccount, Counter, Rate
from storage.tables.audit import Audit
from storage.tables.consent import Consent
from storage.tables.content import Content
from storage.tables.document import Document
from storage.tables.link import Link
from storage.tables.member import Heir, Member
from storage.tables.message import Delivery, Message, Received
from storage.tables.person import Address, Attempt, Invitation, JoinCode, Person, Role
from storage.tables.talk import Talk
from storage.tables.ticket import Ticket

__all__ = [
    "Address",
    "Application",
    "ApplicationEvent",
    "Association",
    "Attempt",
    "Audit",
    "ChannelAccount",
    "Consent",
    "Content",
    "Counter",
    "Delivery",
    "Document",
    "Heir",
    "Invitation",
    "JoinCode",
    "Link",
    "Member",
    "Message",
    "Person",
    "Rate",
    "Received",
    "Role",
    "Talk",
    "Ticket",
]
