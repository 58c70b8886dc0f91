"""Fetching what somebody sent, from a Twilio that lies, breaks off and leads astray; and looking after the account."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.errors import (
    AccountRefused,
    Gone,
    MessageRefused,
    NotFetched,
    ProviderBusy,
    ProviderError,
    TooBig,
    Uncertain,
)
from bot.channels.menus import Offer, Row
from bot.channels.whatsapp import WhatsApp
from bot.channels.whatsapp_content import NAMES, content_of, ensure, friendly_name, name_of, variables_of
from bot.channels.whatsapp_wire import API, Wire
from domain.message import Attachment, Report
from tests.channels.telegram_samples import everything_about
from tests.channels.whatsapp_samples import GREETING, HIDDEN, PHONE
from tests.fakes.telegram_wire import Answer
from tests.fakes.twilio_api import ACCOUNT_SID, KEY_SECRET, KEY_SID, SENDER, TwilioApi
from tests.fakes.twilio_faults import Fault

FILE = f"{API}/2010-04-01/Accounts/{ACCOUNT_SID}/Messages/MM1/Media/ME1"


@pytest.fixture
def twilio() -> Iterator[TwilioApi]:
    with TwilioApi() as twilio:
        yield twilio
        assert twilio.violations == []


def to(base_url: str) -> WhatsApp:
    return WhatsApp(ACCOUNT_SID, KEY_SID, KEY_SECRET, SENDER, base_url, patience=0.5)


@pytest.fixture
async def whatsapp(twilio: TwilioApi) -> AsyncIterator[WhatsApp]:
    whatsapp = to(twilio.base_url)
    yield whatsapp
    await whatsapp.close()


# --- fetch ------------------------------------------------------------------------------------------------------------


async def test_a_file_is_fetched_whole_and_only_the_api_is_shown_our_key(whatsapp: WhatsApp, twilio: TwilioApi):
    photo = Attachment(twilio.store_media(bytes(range(256)) * 1000))
    assert await whatsapp.fetch(photo, 256_000) == bytes(range(256)) * 1000


async def test_a_file_is_cut_off_with_its_first_byte_too_many(whatsapp: WhatsApp, twilio: TwilioApi):
    with pytest.raises(TooBig, match="streamed"):
        await whatsapp.fetch(Attachment(twilio.store_media(b"a" * 1001)), 1000)


async def test_a_file_that_never_ends_is_cut_off(whatsapp: WhatsApp, twilio: TwilioApi):
    twilio.pour()
    with pytest.raises(TooBig, match="streamed"):
        await whatsapp.fetch(Attachment(twilio.store_media(b"a")), 10_000_000)


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        (Fault(answer=Answer(404, b"")), Gone, "404"),
        (Fault(answer=Answer(410, b"")), Gone, "410"),
        (Fault(answer=Answer(401, b"")), NotFetched, "401"),
        (Fault(answer=Answer(403, b"")), NotFetched, "403"),
        (Fault(answer=Answer(429, b"")), NotFetched, "429"),
        (Fault(answer=Answer(500, b"")), NotFetched, "500"),
        (Fault(answer=Answer(302, b"")), NotFetched, "302"),
        (Fault(reset=True, times=None), NotFetched, "reset"),
        (Fault(seconds=0.8, reset=True, times=None), NotFetched, "timeout"),
    ],
)
@pytest.mark.parametrize("path", ["/Media/", "/cdn/"])
async def test_a_fetch_that_fails_says_whether_it_may_come_later(
    whatsapp: WhatsApp, twilio: TwilioApi, path: str, fault: Fault, kind: type[ProviderError], code: str
):
    photo = Attachment(twilio.store_media(b"a" * 200_000))
    twilio.faults.append(replace(fault, path=path))
    with pytest.raises(kind) as error:
        await whatsapp.fetch(photo, 10**6)
    assert (error.value.code, error.value.retry) == (code, kind is NotFetched)
    assert KEY_SECRET not in everything_about(error.value)


async def test_a_file_that_was_deleted_is_gone(whatsapp: WhatsApp, twilio: TwilioApi):
    photo = Attachment(twilio.store_media(b"a"))
    await whatsapp.delete(photo)
    with pytest.raises(Gone, match="404"):
        await whatsapp.fetch(photo, 1000)


async def test_one_that_was_closed_fetches_nothing(whatsapp: WhatsApp, twilio: TwilioApi):
    photo = Attachment(twilio.store_media(b"a"))
    await whatsapp.close()
    with pytest.raises(NotFetched, match="closed"):
        await whatsapp.fetch(photo, 1000)


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "",
        "ME1",
        FILE,
        "{base}/2010-04-01/Accounts/AC00000000000000000000000000000002/Messages/MM1/Media/ME1",
        "{base}/2010-04-01/Accounts/{sid}/../../x",
        "{base}/2010-04-01/Accounts/{sid}/%2e%2e/x",
        "{base}/2010-04-01/Accounts/{sid}/Messages/MM1/Media/ME1?x=1",
        "{base}.example.org/2010-04-01/Accounts/{sid}/Messages/MM1/Media/ME1",
        "http://user:secret@{host}/2010-04-01/Accounts/{sid}/Messages/MM1/Media/ME1",
    ],
)
async def test_what_is_no_file_of_ours_is_not_asked_for(whatsapp: WhatsApp, twilio: TwilioApi, address: str):
    host = twilio.base_url.removeprefix("http://")
    attachment = Attachment(address.format(base=twilio.base_url, sid=ACCOUNT_SID, host=host))
    for asked in (whatsapp.fetch(attachment, 1000), whatsapp.delete(attachment)):
        with pytest.raises(Gone, match="elsewhere"):
            await asked
    assert (twilio.calls, twilio.refusals) == ([], {})


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:1/x",
        "http://localhost/x",
        "file:///etc/passwd",
        "//169.254.169.254/x",
        "ftp://127.0.0.1/x",
        "https://user:secret@media.twiliocdn.com/x",
        "http://media.twiliocdn.com/x",
        "https://media.twiliocdn.com:8443/x",
        "https://twiliocdn.com.example.org/x",
        "https://eviltwiliocdn.com/x",
        "https://[::1/x",
        "https://media.twiliocdn.com:99999/x",
        "https://169.254.169.254\\.twiliocdn.com/x",
        "https://169.254.169.254?.twiliocdn.com/x",
    ],
)
async def test_a_redirect_to_anywhere_else_is_not_followed(whatsapp: WhatsApp, twilio: TwilioApi, location: str):
    photo = Attachment(twilio.store_media(b"a"))
    twilio.redirect(location)
    with pytest.raises(Gone, match="redirect"):
        await whatsapp.fetch(photo, 1000)


async def test_another_server_on_this_machine_is_anywhere_else(whatsapp: WhatsApp, twilio: TwilioApi):
    with TwilioApi() as elsewhere:
        twilio.redirect(elsewhere.put_file(b"stolen"))
        with pytest.raises(Gone, match="redirect"):
            await whatsapp.fetch(Attachment(twilio.store_media(b"a")), 1000)


async def test_three_redirects_are_followed_and_no_more(whatsapp: WhatsApp, twilio: TwilioApi):
    photo, lies_at = Attachment(twilio.store_media(b"a")), twilio.put_file(b"b")
    for times in (2, 3):
        twilio.redirect(lies_at)
        twilio.redirect(lies_at.removeprefix(twilio.base_url), path="/cdn/", times=times)
        if times == 2:
            assert await whatsapp.fetch(photo, 1000) == b"b"
    with pytest.raises(Gone, match="redirect"):
        await whatsapp.fetch(photo, 1000)


@pytest.mark.parametrize(
    "location",
    [
        "https://media.twiliocdn.com/AC1/x?Signature=a%2Bb%3D",
        "https://s3-external-1.amazonaws.com/media.twiliocdn.com/x",
        "https://api.twilio.com/x",
    ],
)
def test_twilio_keeps_files_at_places_of_its_own(location: str):
    wire = Wire(ACCOUNT_SID, (KEY_SID, KEY_SECRET), connections=1, patience=1.0)
    assert str(wire._next(wire.media_url(FILE), location)) == location
    with pytest.raises(Gone):
        wire._next(wire.media_url(FILE), "http://127.0.0.1/x")


# --- delete -----------------------------------------------------------------------------------------------------------


async def test_twilio_forgets_its_copy_and_one_that_is_gone_is_forgotten(whatsapp: WhatsApp, twilio: TwilioApi):
    url = twilio.store_media(b"a")
    for _again in range(2):
        await whatsapp.delete(Attachment(url))
    assert twilio.deleted == [url.rpartition("/")[2]]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(answer=Answer(404, b"")), None),
        (Fault(answer=Answer(400, b"{}")), MessageRefused),
        (Fault(answer=Answer(429, b"{}")), ProviderBusy),
        (Fault(answer=Answer(401, b"{}")), AccountRefused),
        (Fault(reset=True, times=None), Uncertain),
    ],
)
async def test_a_copy_that_may_still_be_there_is_told(
    whatsapp: WhatsApp, twilio: TwilioApi, fault: Fault, kind: type[ProviderError] | None
):
    twilio.faults.append(replace(fault))
    attachment = Attachment(twilio.store_media(b"a"))
    if kind is None:
        await whatsapp.delete(attachment)
    else:
        with pytest.raises(kind):
            await whatsapp.delete(attachment)


# --- look up ----------------------------------------------------------------------------------------------------------


async def test_our_messages_to_one_person_are_found_the_newest_first(whatsapp: WhatsApp, twilio: TwilioApi):
    before = datetime.now(UTC)
    first, second = [await whatsapp.send(PHONE, GREETING) for _ in range(2)]
    await whatsapp.send("+6281200000002", GREETING)
    await asyncio.wrap_future(twilio.report(first, "undelivered", 63016))
    twilio.messages[second].created_at += 1
    assert await whatsapp.look_up(PHONE, before) == [
        Report("whatsapp/main", "", second, "accepted"),
        Report("whatsapp/main", "", first, "failed", "63016"),
    ]


async def test_somebody_who_hides_her_number_is_found_too(whatsapp: WhatsApp):
    sid = await whatsapp.send(HIDDEN, GREETING)
    assert [report.provider_id for report in await whatsapp.look_up(HIDDEN, datetime.now(UTC))] == [sid]


async def test_what_was_made_before_is_not_asked_about(whatsapp: WhatsApp, twilio: TwilioApi):
    twilio.clock = lambda: time.time() - 10
    await whatsapp.send(PHONE, GREETING)
    assert await whatsapp.look_up(PHONE, datetime.now(UTC)) == []
    assert len(await whatsapp.look_up(PHONE, datetime.now(UTC) - timedelta(seconds=9))) == 1


async def test_the_latest_are_enough(whatsapp: WhatsApp):
    before = datetime.now(UTC)
    for _ in range(21):
        await whatsapp.send(PHONE, GREETING)
    assert len(await whatsapp.look_up(PHONE, before)) == 20


async def test_a_look_that_fails_says_how(whatsapp: WhatsApp, twilio: TwilioApi):
    twilio.garble(b"<html>")
    with pytest.raises(Uncertain, match="garbled"):
        await whatsapp.look_up(PHONE, datetime.now(UTC))
    twilio.throttle(5)
    with pytest.raises(ProviderBusy):
        await whatsapp.look_up(PHONE, datetime.now(UTC))


# --- check ------------------------------------------------------------------------------------------------------------


async def test_the_account_says_its_name(whatsapp: WhatsApp):
    assert await whatsapp.check() == "Akun contoh"


async def test_a_key_that_may_not_see_the_account_itself_serves_all_the_same(whatsapp: WhatsApp, twilio: TwilioApi):
    twilio.refuse(401, 20003, path=f"{ACCOUNT_SID}.json")
    assert await whatsapp.check() == ACCOUNT_SID


async def test_credentials_that_do_not_serve_are_told(whatsapp: WhatsApp, twilio: TwilioApi):
    twilio.revoke()
    with pytest.raises(AccountRefused):
        await whatsapp.check()


# --- contents ---------------------------------------------------------------------------------------------------------


async def test_every_content_is_made_once(whatsapp: WhatsApp, twilio: TwilioApi):
    await whatsapp.make_contents()
    made = dict(whatsapp.contents)
    assert tuple(made) == NAMES
    assert await ensure(whatsapp.wire, {}) == made
    assert len(twilio.calls_of("Content")) == len(NAMES)


async def test_a_run_that_broke_off_is_taken_up_without_doubling(whatsapp: WhatsApp, twilio: TwilioApi):
    twilio.drop(accepted=True, path="Content", verb="POST")
    with pytest.raises(Uncertain):
        await whatsapp.make_contents()
    assert whatsapp.contents == {}
    await whatsapp.make_contents()
    assert len(twilio.calls_of("Content")) == len(NAMES)


async def test_all_pages_are_looked_at_before_anything_is_made(whatsapp: WhatsApp, twilio: TwilioApi):
    for number in range(120):
        twilio.put_content({"twilio/text": {"body": "halo"}}, name=f"lain-{number}")
    wanted = content_of("list-4")
    sid = twilio.put_content(wanted["types"], wanted["variables"], name=wanted["friendly_name"])
    await whatsapp.make_contents()
    assert whatsapp.contents["list-4"] == sid


async def test_one_that_only_has_the_name_is_not_ours(whatsapp: WhatsApp, twilio: TwilioApi):
    other = twilio.put_content({"twilio/text": {"body": "halo"}}, name=friendly_name("quick-1"))
    shorter = twilio.put_content(content_of("list-3")["types"], name=friendly_name("list-4"))
    await whatsapp.make_contents()
    assert {other, shorter}.isdisjoint(whatsapp.contents.values())
    made = dict(whatsapp.contents)
    await whatsapp.make_contents()
    assert whatsapp.contents == made


async def test_of_two_that_fit_the_known_one_stays(whatsapp: WhatsApp, twilio: TwilioApi):
    types = content_of("quick-2")["types"]
    twins = [twilio.put_content(types, name=friendly_name("quick-2")) for _ in range(2)]
    for known in twins:
        assert (await ensure(whatsapp.wire, {"quick-2": known}))["quick-2"] == known
    assert (await ensure(whatsapp.wire, {"quick-2": "HX-of-an-older-shape"}))["quick-2"] in twins


async def test_what_twilio_does_not_take_is_left_out(whatsapp: WhatsApp, twilio: TwilioApi):
    twilio.refuse(400, 20001, path="Content", verb="POST")
    await whatsapp.make_contents()
    assert tuple(whatsapp.contents) == NAMES[1:]


@pytest.mark.parametrize("answer", [b"{}", b'{"sid": 7}', b"<html>"])
async def test_a_content_whose_id_is_not_told_is_asked_for_again(whatsapp: WhatsApp, twilio: TwilioApi, answer: bytes):
    twilio.garble(answer, 201, path="Content", verb="POST")
    with pytest.raises(Uncertain):
        await whatsapp.make_contents()


@pytest.mark.parametrize("name", NAMES)
def test_every_gap_of_a_content_has_a_sample_and_gets_a_value(name: str):
    content = content_of(name)
    gaps = {gap.partition("}}")[0] for gap in json.dumps(content["types"]).split("{{")[1:]}
    assert gaps == set(content["variables"])
    assert all(content["variables"].values())
    assert content["friendly_name"] == f"jagalapak-{name}-v1"


def test_no_value_is_empty_where_only_some_rows_say_more():
    offer = Offer("Pilih:", "list", (Row("Ya", "y"), Row("Laporkan kecelakaan ker…", "k", "Laporkan kecelakaan kerja")))
    assert name_of(offer) == "list-2-long"
    assert variables_of(offer) == {
        "body": "Pilih:",
        "button": "Pilih / Choose",
        "title1": "Ya",
        "id1": "y",
        "about1": "Ya",
        "title2": "Laporkan kecelakaan ker…",
        "id2": "k",
        "about2": "Laporkan kecelakaan kerja",
    }
