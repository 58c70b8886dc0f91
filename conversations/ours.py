"""Everything that JagaLapak can talk about."""

from conversations.addresses import linking, parting
from conversations.calling import calling
from conversations.handover import answering, call_human, handover
from conversations.language import language
from conversations.menu import menu
from conversations.promising import promising
from conversations.proving import proving
from conversations.registration import registration
from conversations.repair import repair
from conversations.repertoire import Repertoire
from conversations.roles import joining, roles
from conversations.speakers import who
from conversations.status import status
from conversations.topics import begin, stop
from conversations.verification import verification
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
        promising,
        calling,
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
