"""Everything that JagaLapak can talk about."""

from conversations.addresses import linking, parting
from conversations.announcements import announcements
from conversations.announcing import announcing
from conversations.approving import approving
from conversations.book import book
from conversations.calling import calling
from conversations.coding import coding
from conversations.collecting import collecting
from conversations.composing import composing
from conversations.confirming import confirming
from conversations.counting import counting
from conversations.disputing import disputing
from conversations.handing_over import handing_over
from conversations.handover import answering, call_human, handover
from conversations.language import language
from conversations.members import members
from conversations.menu import menu
from conversations.messages_of import messages_of
from conversations.paying import paying
from conversations.promising import promising
from conversations.proving import proving
from conversations.receipts import receipts
from conversations.reconciling import reconciling
from conversations.registration import registration
from conversations.remitting import remitting
from conversations.remitting_payment import remitting_payment
from conversations.repair import repair
from conversations.repertoire import Repertoire
from conversations.roles import joining, roles
from conversations.seconding import seconding
from conversations.settling import settling
from conversations.speakers import who
from conversations.status import status
from conversations.template_filing import template_filing
from conversations.topics import begin, stop
from conversations.verification import verification
from conversations.waiting_news import waiting_news
from conversations.welcome import welcome

repertoire = Repertoire.of(
    [
        welcome,
        menu,
        registration,
        repair,
        status,
        language,
        handover,
        stop,
        begin,
        verification,
        answering,
        roles,
        joining,
        who,
        linking,
        parting,
        proving,
        waiting_news,
        template_filing,
        messages_of,
        collecting,
        disputing,
        settling,
        handing_over,
        counting,
        promising,
        paying,
        confirming,
        calling,
        book,
        receipts,
        members,
        announcing,
        approving,
        announcements,
        remitting,
        composing,
        coding,
        remitting_payment,
        seconding,
        reconciling,
    ],
    welcome=welcome,
    menu=menu,
    everywhere={
        "menu": menu,
        "status": status,
        "bahasa": language,
        "petugas": handover,
        "berhenti": stop,
        "mulai": begin,
        "ganti orang": who,
        "sambung": linking,
        "pisah": parting,
        "nomor saya": proving,
    },
    call_human=call_human,
    who=who,
)
