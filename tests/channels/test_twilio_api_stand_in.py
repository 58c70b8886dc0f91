"""The stand-in for Twilio behaves as Twilio does, or every test that leans on it means nothing."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import orjson
import pytest
from twilio.http.response import Response
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from twilio.rest.content.v1.content import ContentList

from tests.fakes.telegram_wire import Answer, Connection, Request
from tests.fakes.twilio_account import A_DAY
from tests.fakes.twilio_api import (
    ACCOUNT_SID,
    AUTH_TOKEN,
    KEY_SECRET,
    KEY_SID,
    SENDER,
    SITI,
    Posted,
    TwilioApi,
    incoming_form,
    location,
    photo,
    pick,
    signed,
    sticker,
    tap,
    voice,
)
from tests.fakes.twilio_courier import Delivery
from tests.fakes.twilio_spec import DOCUMENTS, PUBLISHED, Check, Spec

ROOT = Path(__file__).parents[2]
HOME = f"/2010-04-01/Accounts/{ACCOUNT_SID}"
MINAH, HIDDEN = "+6281200000002", "ID.13491200000000000002"
needs_the_specification = pytest.mark.skipif(
    Spec.published() is None, reason=f"{PUBLISHED.name} does not lie beside the checkout"
)


@pytest.fixture
def api() -> Iterator[TwilioApi]:
    with TwilioApi(pace=0.02) as api:
        yield api


@asynccontextmanager
async def calling(api: TwilioApi) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=api.base_url, auth=(KEY_SID, KEY_SECRET), timeout=5) as http:
        yield http


@pytest.fixture
async def http(api: TwilioApi) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(api) as http:
        yield http


@pytest.fixture
async def keyless() -> AsyncIterator[httpx.AsyncClient]:
    """Somebody without the key."""
    async with httpx.AsyncClient(timeout=60) as http:
        yield http


async def send(http: httpx.AsyncClient, text: str = "Selamat pagi.", to: str = SITI, **more: Any) -> httpx.Response:
    form = {"To": f"whatsapp:{to}", "From": f"whatsapp:{SENDER}", "Body": text, **more}
    return await http.post(f"{HOME}/Messages.json", data={name: value for name, value in form.items() if value})


async def send_content(
    http: httpx.AsyncClient, sid: str, variables: Mapping[str, str] | None = None, **more: Any
) -> httpx.Response:
    return await send(http, "", ContentSid=sid, ContentVariables=json.dumps(variables) if variables else "", **more)


async def submit(
    http: httpx.AsyncClient, sid: str, name: str = "pengingat_v1", category: str = "UTILITY"
) -> httpx.Response:
    return await http.post(f"/v1/Content/{sid}/ApprovalRequests/whatsapp", json={"name": name, "category": category})


def list_picker(*items: Mapping[str, str], **more: str) -> dict[str, Any]:
    return {"twilio/list-picker": {"body": "Pilih.", "button": "Pilih", "items": list(items), **more}}


def quick_reply(*titles: str, **more: Any) -> dict[str, Any]:
    actions = [{"type": "QUICK_REPLY", "title": title, "id": f"id-{n}"} for n, title in enumerate(titles)]
    return {"twilio/quick-reply": {"body": "Benar?", "actions": actions, **more}}


class Hook:
    """A webhook that notes what arrives, and answers 200 or first as it is told."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answers: list[Answer] = []
        self.arrived = asyncio.Event()
        self.slow = 0.0  # seconds before each answer

    async def __aenter__(self) -> "Hook":
        self._loop = asyncio.get_running_loop()
        self._server = await self._loop.create_server(lambda: Connection(self._answer), "127.0.0.1", 0)
        self.base_url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        self.url = f"{self.base_url}/webhooks/twilio/main"
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._server.close()

    def _answer(self, connection: Connection, request: Request) -> None:
        self.requests.append(request)
        self.arrived.set()
        self._loop.call_later(self.slow, connection.send, self.answers.pop(0) if self.answers else Answer(200, b""))

    @property
    def forms(self) -> list[dict[str, str]]:
        return [dict(parse_qsl(request.body.decode(), keep_blank_values=True)) for request in self.requests]

    @property
    def statuses(self) -> list[str]:
        return [form["MessageStatus"] for form in self.forms]

    def has_signed(self, public: str = "") -> bool:
        """Whether the last request was signed by Twilio for the address at which it came."""
        request, form = self.requests[-1], self.forms[-1]
        url = (public or self.base_url) + request.path
        return bool(RequestValidator(AUTH_TOKEN).validate(url, form, request.headers["x-twilio-signature"]))


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    async with Hook() as hook:
        yield hook


async def settled(api: TwilioApi) -> None:
    await asyncio.to_thread(api.settle)


async def ended(posted: Posted) -> list[Delivery]:
    return await asyncio.wrap_future(posted)


# --- calls ------------------------------------------------------------------------------------------------------------


async def test_a_message_is_accepted_and_remembered(http: httpx.AsyncClient, api: TwilioApi):
    answer = await send(http, StatusCallback="https://bot.example/status?m=1.1")
    made = answer.json()
    message = api.messages[made["sid"]]
    assert (answer.status_code, made["status"], made["error_code"]) == (201, "queued", None)
    assert (message.to, message.body) == (f"whatsapp:{SITI}", "Selamat pagi.")
    assert message.status_callback == "https://bot.example/status?m=1.1"
    assert api.said_to(SITI) == ["Selamat pagi."]
    assert [call.sid for call in api.calls_of("Messages", to=SITI)] == [message.sid]
    assert api.calls_of("Messages", to=MINAH) == []
    assert api.violations == []


@needs_the_specification
async def test_its_answers_are_those_of_the_specification(http: httpx.AsyncClient, api: TwilioApi):
    sid = api.put_content(quick_reply("Benar"))
    api_document, content_document = (orjson.loads((PUBLISHED / name).read_bytes()) for name in DOCUMENTS)
    for answer, document, schema in (
        (await send(http), api_document, "api.v2010.account.message"),
        (await http.get(f"{HOME}.json"), api_document, "api.v2010.account"),
        (await http.get(f"/v1/Content/{sid}"), content_document, "content.v1.content"),
        (await http.get(f"/v1/Content/{sid}/ApprovalRequests"), content_document, "content.v1.content.approval_fetch"),
        (await submit(http, sid), content_document, "content.v1.content.approval_create"),
    ):
        check = Check(document["components"]["schemas"], as_text=False)
        assert check.broken("answer", answer.json(), {"$ref": schema}) == []


async def test_a_wrong_key_is_refused(api: TwilioApi):
    for auth in ((KEY_SID, "wrong"), (ACCOUNT_SID, AUTH_TOKEN), None):
        async with httpx.AsyncClient(base_url=api.base_url, auth=auth, timeout=60) as stranger:
            answer = await send(stranger)
        assert (answer.status_code, answer.json()["code"]) == (401, 20003)
    assert api.messages == {}


async def test_a_key_that_was_revoked_opens_nothing(http: httpx.AsyncClient, api: TwilioApi):
    assert (await http.get(f"{HOME}.json")).status_code == 200
    api.revoke()
    assert {(await http.get(path)).status_code for path in (f"{HOME}.json", "/v1/Content")} == {401}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"To": SITI}, 21211),
        ({"To": "whatsapp:0812"}, 21211),
        ({"To": "whatsapp:ID."}, 21211),
        ({"From": "whatsapp:+6281299990001"}, 21606),
        ({"Body": " "}, 21619),
        ({"Body": "a" * 1601}, 21617),
        ({"Body": "🌽" * 801}, 21617),
        ({"Body": "", "ContentSid": "HX" + "0" * 32}, 21655),
        ({"ContentVariables": '{"1": "a"}'}, 21654),
    ],
)
async def test_what_twilio_refuses_is_refused_in_its_words(
    http: httpx.AsyncClient, api: TwilioApi, fields: Mapping[str, str], code: int
):
    answer = await send(http, **fields)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert api.messages == {}


@pytest.mark.parametrize("variables", ["{", "[]", '{"1": 2}', '{"1": null}', '{"1": ""}'])
async def test_variables_that_are_no_text_are_refused(http: httpx.AsyncClient, api: TwilioApi, variables: str):
    sid = api.put_content({"twilio/text": {"body": "Halo {{1}}"}}, {"1": "Ibu"})
    answer = await send(http, "", ContentSid=sid, ContentVariables=variables)
    assert (answer.status_code, answer.json()["code"]) == (400, 21656)


async def test_a_message_goes_to_somebody_who_hides_her_number(http: httpx.AsyncClient, api: TwilioApi):
    assert (await send(http, to=HIDDEN)).status_code == 201
    assert api.said_to(HIDDEN) == ["Selamat pagi."]


async def test_messages_can_be_looked_up(http: httpx.AsyncClient, api: TwilioApi):
    first, second, other = [(await send(http, str(n), to)).json()["sid"] for n, to in enumerate((SITI, SITI, MINAH))]
    found = (await http.get(f"{HOME}/Messages.json", params={"To": f"whatsapp:{SITI}"})).json()
    assert [message["sid"] for message in found["messages"]] == [second, first]
    assert (await http.get(f"{HOME}/Messages/{other}.json")).json()["to"] == f"whatsapp:{MINAH}"
    unknown = await http.get(f"{HOME}/Messages/SM{'0' * 32}.json")
    assert (unknown.status_code, unknown.json()["code"]) == (404, 20404)
    assert api.violations == []


async def test_messages_come_in_pages(http: httpx.AsyncClient, api: TwilioApi):
    sent = [(await send(http)).json()["sid"] for _ in range(5)]
    found, uri = [], f"{HOME}/Messages.json?PageSize=2"
    while uri:
        page = (await http.get(uri)).json()
        found += [message["sid"] for message in page["messages"]]
        uri = page["next_page_uri"]
    assert found == sent[::-1]
    assert api.violations == []


async def test_messages_are_found_by_when_they_went(http: httpx.AsyncClient, api: TwilioApi):
    api.clock = lambda: 1_795_000_000.0  # 2026-11-18 11:06:40 UTC
    await send(http)

    async def found(**when: str) -> int:
        asked = {f"DateSent{name}": value for name, value in when.items()}
        return len((await http.get(f"{HOME}/Messages.json", params=asked)).json()["messages"])

    on, since, until = "", ">", "<"
    assert [await found(**{on: day}) for day in ("2026-11-17", "2026-11-18", "2026-11-19")] == [0, 1, 0]
    assert [await found(**{since: at}) for at in ("2026-11-18", "2026-11-18T11:06:41Z")] == [1, 0]
    assert [await found(**{until: at}) for at in ("2026-11-18", "2026-11-18T11:06:39Z")] == [1, 0]
    assert api.violations == []


async def test_a_fault_strikes_the_calls_that_it_names_as_often_as_it_says(http: httpx.AsyncClient, api: TwilioApi):
    api.throttle(35, to=SITI, times=2)
    api.refuse(400, 21610, to=MINAH, path="Messages")
    answers = [await send(http), await send(http), await send(http), await send(http, to=MINAH)]
    assert [answer.status_code for answer in answers] == [429, 429, 201, 400]
    assert (answers[0].json()["code"], answers[0].headers["retry-after"]) == (20429, "35")
    assert answers[3].json()["code"] == 21610
    assert api.refusals == {429: 2, 400: 1}


async def test_what_was_accepted_before_the_answer_was_lost_is_on_record(http: httpx.AsyncClient, api: TwilioApi):
    for lose in (api.drop, api.fail, lambda accepted: api.stall(0.05, accepted=accepted)):
        for accepted in (True, False):
            before = api.accepted
            lose(accepted=accepted)
            with suppress(httpx.TransportError):
                await send(http)
            assert api.accepted - before == accepted
    assert len(api.messages) == 3
    assert api.refusals == {500: 2}


async def test_a_proxy_may_answer_in_place_of_twilio(http: httpx.AsyncClient, api: TwilioApi):
    api.garble(b"<html>", 200)
    assert (await send(http)).content == b"<html>"
    assert api.accepted == 1


async def test_where_the_stand_in_itself_breaks_it_says_so(api: TwilioApi, http: httpx.AsyncClient):
    sid = api.put_content({"twilio/list-picker": {}})
    assert (await send_content(http, sid)).status_code == 500
    api.stall(0)
    http.timeout = httpx.Timeout(0.2)
    with pytest.raises(httpx.ReadTimeout):
        await send_content(http, sid)
    assert [broken.partition(":")[0] for broken in api.violations] == ["the stand-in broke"] * 2


async def test_it_throttles_above_its_limit():
    with TwilioApi(limit=5) as api:
        async with calling(api) as http:
            statuses = [answer.status_code for answer in await asyncio.gather(*(send(http) for _ in range(8)))]
    assert (statuses.count(201), statuses.count(429)) == (5, 3)
    assert (api.accepted, api.refusals) == (5, {429: 3})


# --- the specification ------------------------------------------------------------------------------------------------


@needs_the_specification
@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"To": ""}, "To is missing"),
        ({"Colour": "red"}, "unknown field Colour"),
        ({"ValidityPeriod": "soon"}, "ValidityPeriod: integer expected"),
        ({"SmartEncoded": "True"}, "SmartEncoded: boolean expected"),
        ({"RiskCheck": "maybe"}, "RiskCheck: not one of enable, disable"),
        ({"ContentSid": "HX1"}, "ContentSid: 3 is outside 34-34"),
        ({"ContentSid": "HX" + "g" * 32}, "ContentSid: does not match"),
        ({"StatusCallback": "/status"}, "StatusCallback: an absolute address expected"),
        ({"Body": ["satu", "dua"]}, "Body: string expected"),
    ],
)
async def test_a_form_that_breaks_the_specification_is_noted_and_refused(
    http: httpx.AsyncClient, api: TwilioApi, fields: Mapping[str, Any], rule: str
):
    assert (await send(http, **fields)).status_code == 400
    assert any(rule in broken for broken in api.violations)
    assert api.calls == []


@needs_the_specification
@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ({"types": quick_reply("Ya")}, "language is missing"),
        ({"language": "id", "types": {"twilio/telepathy": {}}}, "unknown field twilio/telepathy"),
        ({"language": "id", "types": quick_reply("Ya", footer="a")}, "unknown field footer"),
        ({"language": "id", "types": list_picker({"item": "Ya"})}, "items[0]: id is missing"),
        ({"language": "id", "types": quick_reply("Ya"), "variables": {"1": 1}}, "variables.1: string expected"),
        ({"language": "id", "types": quick_reply("Ya"), "category": "UTILITY"}, "unknown field category"),
        ([], "an object expected"),
    ],
)
async def test_a_content_that_breaks_the_specification_is_noted_and_refused(
    http: httpx.AsyncClient, api: TwilioApi, content: Any, rule: str
):
    assert (await http.post("/v1/Content", json=content)).status_code == 400
    assert any(rule in broken for broken in api.violations)
    assert api.account.contents == {}


@needs_the_specification
@pytest.mark.parametrize(
    ("verb", "path", "rule"),
    [
        ("GET", f"{HOME}/Messages.json?PageSize=1001", "PageSize: 1001 is outside 1-1000"),
        ("GET", f"{HOME}/Messages.json?Page=-1", "Page: -1 is outside 0-"),
        ("GET", f"{HOME}/Messages.json?Limit=5", "unknown parameter Limit"),
        ("GET", f"{HOME}/Messages.json?DateSent=yesterday", "a date or time expected"),
        ("GET", f"{HOME}/Messages/SM1.json", "Sid: 3 is outside 34-34"),
        ("GET", "/2010-04-01/Accounts/AC1.json", "Sid: 3 is outside 34-34"),
        ("GET", f"{HOME}/Letters.json", "no such path"),
        ("PATCH", f"{HOME}/Messages.json", "no such path"),
        ("POST", "/v1/Content", "body: missing"),
    ],
)
async def test_an_address_that_breaks_the_specification_is_noted_and_refused(
    http: httpx.AsyncClient, api: TwilioApi, verb: str, path: str, rule: str
):
    assert (await http.request(verb, path)).status_code == 400
    assert any(rule in broken for broken in api.violations)


@needs_the_specification
async def test_a_form_where_json_is_wanted_is_noted(http: httpx.AsyncClient, api: TwilioApi):
    await http.post("/v1/Content", data={"language": "id"})
    await http.post("/v1/Content", content=b"{", headers={"Content-Type": "application/json"})
    wrong_type, no_json = api.violations
    assert "application/x-www-form-urlencoded instead of application/json" in wrong_type
    assert "not what its type says" in no_json


# --- contents ---------------------------------------------------------------------------------------------------------


async def test_she_sees_a_content_with_its_variables(http: httpx.AsyncClient, api: TwilioApi):
    items = [{"item": "{{item1}}", "id": "{{id1}}", "description": "{{about1}}"}]
    types = {"twilio/list-picker": {"body": "{{body}}", "button": "Pilih", "items": items}}
    samples = {"body": "a", "item1": "b", "id1": "c", "about1": "d"}
    made = await http.post("/v1/Content", json={"language": "id", "types": types, "variables": samples})
    filled = {"body": "Mau apa?", "item1": "Bayar iuran", "id1": "t:menu:1", "about1": "Bulan ini"}
    await send_content(http, made.json()["sid"], filled)
    assert made.status_code == 201
    assert api.said_to(SITI) == ["Mau apa?"]
    assert api.buttons_of(SITI) == [("Bayar iuran", "t:menu:1", "Bulan ini")]
    assert api.violations == []


async def test_contents_come_in_pages_and_can_be_deleted(http: httpx.AsyncClient, api: TwilioApi):
    made = [api.put_content(quick_reply("Ya"), name=str(n)) for n in range(3)]
    found, url = [], "/v1/Content?PageSize=2"
    while url:
        page = (await http.get(url)).json()
        found += [content["sid"] for content in page["contents"]]
        url = page["meta"]["next_page_url"]
    assert found == made
    assert [(await http.delete(f"/v1/Content/{made[0]}")).status_code for _ in range(2)] == [204, 404]
    assert (await http.get(f"/v1/Content/{made[0]}")).status_code == 404
    assert (await send_content(http, made[0])).json()["code"] == 21655
    assert api.violations == []


async def test_a_variable_that_is_missing_gets_its_sample_and_is_noted(http: httpx.AsyncClient, api: TwilioApi):
    sid = api.put_content({"twilio/text": {"body": "Halo {{1}} dan {{2}}"}}, {"1": "Ibu", "2": "Bapak"})
    message = (await send_content(http, sid, {"1": "Siti"})).json()
    assert message["body"] == "Halo Siti dan Bapak"
    assert api.violations == ["ContentVariables.2: missing, the sample went out"]


@pytest.mark.parametrize(
    ("types", "rule"),
    [
        (quick_reply("a", "b", "c", "d"), "actions: 4 is outside 1-3"),
        (quick_reply(), "actions: 0 is outside 1-3"),
        (quick_reply("a" * 21), "actions[0].title: 21 is outside 1-20"),
        (quick_reply(" "), "actions[0].title: 0 is outside 1-20"),
        (quick_reply("Ya", "Ya"), "actions: the same title twice"),
        (quick_reply("Ya", body="a" * 1025), "body: 1025 is outside 1-1024"),
        (quick_reply("Ya", body="\n"), "body: 0 is outside 1-1024"),
        (quick_reply(actions=[{"title": "Ya", "id": "a" * 201}]), "actions[0].id: 201 is outside 1-200"),
        (list_picker(), "items: 0 is outside 1-10"),
        (list_picker(*({"item": "a", "id": str(n)} for n in range(11))), "items: 11 is outside 1-10"),
        (list_picker({"item": "a" * 25, "id": "1"}), "items[0].item: 25 is outside 1-24"),
        (list_picker({"item": "a", "id": ""}), "items[0].id: 0 is outside 1-200"),
        (list_picker({"item": "a", "id": "1"}, {"item": "b", "id": "1"}), "items: the same id twice"),
        (list_picker({"item": "a", "id": "1", "description": "a" * 73}), "items[0].description: 73 is outside 0-72"),
        (list_picker({"item": "a", "id": "1"}, button="a" * 21), "button: 21 is outside 1-20"),
        (list_picker({"item": "a", "id": "1"}, body=" "), "body: 0 is outside 1-1024"),
    ],
)
async def test_what_whatsapp_cannot_show_is_noted_and_fails(
    http: httpx.AsyncClient, api: TwilioApi, types: dict[str, Any], rule: str
):
    made = await send_content(http, api.put_content(types))
    await settled(api)
    message = api.messages[made.json()["sid"]]
    assert api.violations == [rule]
    assert (message.status, message.error_code) == ("failed", 63013)
    assert api.said_to(SITI) == []


@pytest.mark.parametrize(
    ("value", "approved", "noted"),
    [
        ("a    b", True, False),
        ("a     b", False, True),
        ("a\nb", False, False),
        ("a\nb", True, True),
        ("a\tb", True, True),
    ],
)
async def test_spaces_and_lines_in_a_variable_are_noted_where_whatsapp_refuses_them(
    http: httpx.AsyncClient, api: TwilioApi, value: str, approved: bool, noted: bool
):
    sid = api.put_content({"twilio/text": {"body": "Halo {{1}}!"}}, {"1": "Ibu"}, approved=approved)
    await send_content(http, sid, {"1": value})
    assert bool(api.violations) is noted


async def test_whether_a_content_is_approved_can_be_asked(http: httpx.AsyncClient, api: TwilioApi):
    for approved, status in ((True, "approved"), (False, "unsubmitted")):
        sid = api.put_content({"twilio/text": {"body": "Halo"}}, approved=approved)
        asked = (await http.get(f"/v1/Content/{sid}/ApprovalRequests")).json()
        assert asked["whatsapp"]["status"] == status


REMINDER = {"twilio/text": {"body": "Iuran bulan {{1}} belum kami terima."}}


async def test_a_template_waits_until_it_is_judged(http: httpx.AsyncClient, api: TwilioApi):
    sid = api.put_content(REMINDER, {"1": "Desember"}, name="jagalapak_due_id_v1")
    assert (await submit(http, sid)).json()["status"] == "pending"
    api.judge("due_id", category="MARKETING")
    judged = (await http.get(f"/v1/Content/{sid}/ApprovalRequests")).json()["whatsapp"]
    assert (judged["name"], judged["status"], judged["category"]) == ("pengingat_v1", "approved", "MARKETING")
    assert [call.json["category"] for call in api.calls_of("ApprovalRequests")] == ["UTILITY"]


@pytest.mark.parametrize(
    ("body", "name", "why"),
    [
        ("{{1}} belum membayar iuran bulan ini.", "a", "start or end"),
        ("Iuran bulan ini belum dibayar oleh {{1}}.", "a", "start or end"),
        ("Iuran bulan {{1}} - {{2}} belum kami terima hari ini.", "a", "next to each other"),
        ("Iuran {{1}} belum {{2}} ya.", "a", "Too many variables"),
        ("Iuran bulan {{2}} belum kami terima.", "a", "not numbered"),
        ("Iuran bulan {{1}} belum kami terima.", "Pengingat-1", "small letters"),
    ],
)
async def test_a_template_that_breaks_a_rule_is_rejected(
    http: httpx.AsyncClient, api: TwilioApi, body: str, name: str, why: str
):
    sid = api.put_content({"twilio/text": {"body": body}}, {"1": "a", "2": "b"} if "2}" in body else {"1": "a"})
    judged = (await submit(http, sid, name)).json()
    assert judged["status"] == "rejected"
    assert why in judged["rejection_reason"]


async def test_a_name_is_taken_once_even_where_it_was_rejected(http: httpx.AsyncClient, api: TwilioApi):
    bad, good = (api.put_content({"twilio/text": {"body": body}}) for body in ("{{1}}", "Ada pesan untuk Bapak/Ibu."))
    assert (await submit(http, bad)).json()["status"] == "rejected"
    assert (await submit(http, good)).status_code == 409
    assert (await submit(http, good, "pengingat_v2")).status_code == 201
    assert (await submit(http, good, "pengingat_v3")).status_code == 409
    assert (await submit(http, "HX" + "0" * 32)).status_code == 404
    assert (await submit(http, good, "pengingat_v4", "TRANSACTIONAL")).status_code in (400, 409)


# --- the 24 hours -----------------------------------------------------------------------------------------------------


async def test_a_free_message_outside_of_the_window_is_accepted_and_then_fails(
    http: httpx.AsyncClient, api: TwilioApi, hook: Hook
):
    api.window_closed(SITI)
    answer = await send(http, StatusCallback=hook.url)
    await settled(api)
    assert answer.status_code == 201
    assert [(form["MessageStatus"], form["ErrorCode"]) for form in hook.forms] == [("failed", "63016")]
    assert api.said_to(SITI) == []


async def test_an_approved_template_passes_outside_of_the_window_and_no_other_content_does(
    http: httpx.AsyncClient, api: TwilioApi
):
    api.window_closed(SITI)
    for approved in (True, False):
        await send_content(
            http, api.put_content({"twilio/text": {"body": f"Pengingat: {approved}"}}, approved=approved)
        )
    await settled(api)
    assert api.said_to(SITI) == ["Pengingat: True"]


@pytest.mark.parametrize(
    ("status", "code"), [("pending", "63016"), ("paused", "63041"), ("rejected", "63040"), ("disabled", "63040")]
)
async def test_a_template_that_is_not_approved_fails_outside_of_the_window(
    http: httpx.AsyncClient, api: TwilioApi, hook: Hook, status: str, code: str
):
    api.window_closed(SITI)
    sid = api.put_content({"twilio/text": {"body": "Halo"}}, name="jagalapak_due_id_v1")
    api.template("due_id").status = status
    await send_content(http, sid, StatusCallback=hook.url)
    await settled(api)
    assert [form["ErrorCode"] for form in hook.forms] == [code]


async def test_templates_reach_so_many_people_within_a_moving_day(http: httpx.AsyncClient, api: TwilioApi, hook: Hook):
    start, people = time.time(), [f"+62812000001{number:02}" for number in range(4)]
    for one in people:
        api.window_closed(one)
    api.account.people_per_day = 2
    sid = api.put_content({"twilio/text": {"body": "Halo"}}, approved=True)

    async def write(to: str, hours: float) -> bool:
        api.clock = lambda: start + 3600 * hours
        await send_content(http, sid, to=to, StatusCallback=hook.url)
        await settled(api)
        return bool(api.said_to(to))

    assert [await write(people[0], 0), await write(people[1], 12)] == [True, True]
    assert not await write(people[2], 13)
    assert hook.forms[-1]["ErrorCode"] == "63018"
    assert await write(people[1], 13)  # she is among them
    assert await write(people[3], 24.1)


async def test_what_she_writes_opens_the_window_for_a_day(http: httpx.AsyncClient, api: TwilioApi, hook: Hook):
    start = time.time()
    api.window_closed(SITI)
    await ended(api.courier(hook.url).says("halo"))
    for text, hours in (("segera", 0), ("nanti", 23.9), ("terlambat", 24.1)):
        api.clock = lambda hours=hours: start + 3600 * hours
        await send(http, text)
        await settled(api)
    assert api.said_to(SITI) == ["segera", "nanti"]


async def test_strangers_can_be_out_of_reach_until_they_write():
    with TwilioApi(closed_to_strangers=True) as api:
        async with calling(api) as http:
            await send(http, "siapa?")
            api.wrote(SITI, ago=A_DAY - 60)
            await send(http, "Selamat pagi.")
            await settled(api)
        assert api.said_to(SITI) == ["Selamat pagi."]


# --- reports ----------------------------------------------------------------------------------------------------------


async def test_a_report_is_signed_over_the_whole_address(http: httpx.AsyncClient, api: TwilioApi, hook: Hook):
    sid = (await send(http, StatusCallback=f"{hook.url}/status?m=12.1&x=a%20b")).json()["sid"]
    await ended(api.report(sid, "delivered"))
    (form,) = hook.forms
    assert hook.requests[0].path == "/webhooks/twilio/main/status?m=12.1&x=a%20b"
    assert hook.has_signed()
    assert (form["MessageSid"], form["SmsSid"]) == (sid, sid)
    assert (form["MessageStatus"], form["SmsStatus"]) == ("delivered", "delivered")
    assert (form["To"], form["From"]) == (f"whatsapp:{SITI}", f"whatsapp:{SENDER}")
    assert (form["AccountSid"], form["ChannelPrefix"]) == (ACCOUNT_SID, "whatsapp")
    assert (await http.get(f"{HOME}/Messages/{sid}.json")).json()["status"] == "delivered"


async def test_reports_come_twice_and_in_any_order_as_the_test_says(
    http: httpx.AsyncClient, api: TwilioApi, hook: Hook
):
    sid = (await send(http, StatusCallback=hook.url)).json()["sid"]
    for status in ("delivered", "sent", "delivered"):
        api.report(sid, status)
    api.report(sid, "failed", code=63024)
    await settled(api)
    assert hook.statuses == ["delivered", "sent", "delivered", "failed"]
    assert hook.forms[-1]["ErrorCode"] == "63024"


async def test_a_report_may_be_of_a_message_that_nobody_knows(api: TwilioApi, hook: Hook):
    await ended(api.report_unknown(f"{hook.url}?m=9.9", "read"))
    assert hook.has_signed()
    assert hook.forms[0]["MessageSid"] not in api.messages


async def test_every_message_can_be_reported_by_itself(hook: Hook):
    with TwilioApi(auto=("sent", "delivered", "read")) as api:
        async with calling(api) as http:
            sid = (await send(http, StatusCallback=hook.url)).json()["sid"]
            await settled(api)
    assert hook.statuses == ["sent", "delivered", "read"]
    assert api.messages[sid].status == "read"


async def test_a_report_can_come_before_the_answer(http: httpx.AsyncClient, api: TwilioApi, hook: Hook):
    api.stall(0, early=True)
    hook.slow = 0.05
    sending = asyncio.create_task(send(http, StatusCallback=hook.url))
    await hook.arrived.wait()
    assert not sending.done()
    assert (await sending).json()["sid"] == hook.forms[0]["MessageSid"]
    assert hook.statuses == ["sent"]


async def test_a_message_whose_answer_was_lost_is_reported_all_the_same(hook: Hook):
    with TwilioApi(auto=("sent",)) as api:
        api.drop(accepted=True)
        async with calling(api) as http:
            with pytest.raises(httpx.TransportError):
                await send(http, StatusCallback=f"{hook.url}?m=7.1")
            await settled(api)
    assert hook.statuses == ["sent"]
    assert hook.requests[0].path.endswith("?m=7.1")


async def test_a_public_address_is_signed_as_it_is_and_reached_where_it_lies(
    http: httpx.AsyncClient, api: TwilioApi, hook: Hook
):
    api.routes["https://bot.example"] = hook.base_url
    sid = (await send(http, StatusCallback="https://bot.example/status?m=1.1")).json()["sid"]
    await ended(api.report(sid, "sent"))
    assert hook.has_signed("https://bot.example")
    assert api.violations == []


async def test_nothing_is_ever_posted_off_this_machine(http: httpx.AsyncClient, api: TwilioApi):
    sid = (await send(http, StatusCallback="https://bot.example/status")).json()["sid"]
    assert await ended(api.report(sid, "sent")) == []
    assert api.violations == ["bot.example: an address that does not lie on loopback"]


# --- what people send -------------------------------------------------------------------------------------------------


async def test_a_message_arrives_signed(api: TwilioApi, hook: Hook):
    (delivery,) = await ended(api.courier(hook.url, MINAH).says("halo"))
    (form,) = hook.forms
    assert (delivery.status, delivery.form) == (200, form)
    assert hook.has_signed()
    assert (form["From"], form["WaId"], form["Body"]) == (f"whatsapp:{MINAH}", MINAH[1:], "halo")


def test_a_text_has_the_fields_that_twilio_sends():
    assert list(incoming_form()) == [
        "SmsMessageSid",
        "NumMedia",
        "ProfileName",
        "MessageType",
        "SmsSid",
        "WaId",
        "SmsStatus",
        "Body",
        "To",
        "NumSegments",
        "ReferralNumMedia",
        "MessageSid",
        "AccountSid",
        "ChannelMetadata",
        "From",
        "ApiVersion",
    ]


def test_a_tap_brings_the_button_and_a_pick_the_row():
    tapped, picked = tap("Benar", "t:1"), pick("Bayar iuran", "t:2")
    assert (tapped["MessageType"], tapped["ButtonText"], tapped["ButtonPayload"]) == ("button", "Benar", "t:1")
    assert (picked["MessageType"], picked["ListTitle"], picked["ListId"]) == ("interactive", "Bayar iuran", "t:2")
    assert (tapped["Body"], picked["Body"]) == ("Benar", "Bayar iuran")


def test_a_file_names_its_message_and_has_no_text(api: TwilioApi):
    for sent, mime in ((photo, "image/jpeg"), (voice, "audio/ogg"), (sticker, "image/webp")):
        form = sent(api.store_media(b"isi", mime), mime)
        assert (form["NumMedia"], form["MediaContentType0"], form["Body"]) == ("1", mime, "")
        assert f"/Messages/{form['MessageSid']}/Media/" in form["MediaUrl0"]
    assert location()["Latitude"]


def test_who_hides_her_number_is_known_by_her_id_alone():
    hidden, both = incoming_form(HIDDEN), incoming_form(SITI, user_id=HIDDEN)
    assert (hidden["From"], hidden["ExternalUserId"]) == (f"whatsapp:{HIDDEN}", f"whatsapp:{HIDDEN}")
    assert "WaId" not in hidden
    assert (both["From"], both["WaId"], both["ExternalUserId"]) == (f"whatsapp:{SITI}", SITI[1:], f"whatsapp:{HIDDEN}")


def test_no_two_messages_have_the_same_id():
    assert incoming_form()["MessageSid"] != incoming_form()["MessageSid"]
    assert incoming_form(MessageSid="SM1")["SmsSid"] == "SM1"


def test_a_blank_text_is_signed_too(api: TwilioApi):
    form, url = photo(api.store_media(b"isi")), "https://bot.example/webhooks/twilio/main"
    signature = signed(url, form)["X-Twilio-Signature"]
    assert RequestValidator(AUTH_TOKEN).validate(url, form, signature)
    assert not RequestValidator(AUTH_TOKEN).validate(url, {**form, "Body": "a"}, signature)
    assert signed(url, form, "lain")["X-Twilio-Signature"] != signature


async def test_by_default_an_answer_is_an_answer(api: TwilioApi, hook: Hook):
    for status in (500, 403, 302):
        hook.answers = [Answer(status, b"", {"Location": hook.url})]
        assert [one.status for one in await ended(api.courier(hook.url).says("halo"))] == [status]
    assert len(hook.requests) == 3


async def test_by_default_a_webhook_that_cannot_be_reached_is_tried_once_more(api: TwilioApi):
    async with Hook() as gone:
        url = gone.url
    assert [one.status for one in await ended(api.courier(url).says("halo"))] == [0, 0]


async def test_the_fragment_says_how_often_to_try_and_stays_at_twilio(api: TwilioApi, hook: Hook):
    hook.answers = [Answer(503, b""), Answer(404, b"")]
    tries = await ended(api.courier(f"{hook.url}?a=b#rc=5&rp=all").says("halo"))
    assert [one.status for one in tries] == [503, 404, 200]
    assert {request.path for request in hook.requests} == {"/webhooks/twilio/main?a=b"}
    assert len({request.headers["i-twilio-idempotency-token"] for request in hook.requests}) == 1
    assert hook.has_signed()


@pytest.mark.parametrize(("policy", "tries"), [("rc=2&rp=5xx", 3), ("rc=2&rp=4xx,ct", 1), ("rc=0&rp=all", 1)])
async def test_only_the_failures_that_it_names_are_tried_again(api: TwilioApi, hook: Hook, policy: str, tries: int):
    hook.answers = [Answer(500, b"")] * 9
    assert len(await ended(api.courier(f"{hook.url}#{policy}").says("halo"))) == tries


async def test_twilio_waits_fifteen_seconds_and_no_longer(api: TwilioApi, hook: Hook):
    hook.slow = 5.0
    start = time.monotonic()
    (delivery,) = await ended(api.courier(hook.url).says("halo"))  # a second lasts 20 ms here
    assert delivery.status == 0
    assert 0.25 < time.monotonic() - start < 4


# --- files ------------------------------------------------------------------------------------------------------------


async def test_a_file_wants_the_key_and_lies_where_the_key_must_not_go(
    http: httpx.AsyncClient, keyless: httpx.AsyncClient, api: TwilioApi
):
    url = api.store_media(b"isi foto", "image/png")
    asked = await http.get(url)
    place = asked.headers["location"]
    assert asked.status_code == 307
    assert (await keyless.get(url)).status_code == 401
    found = await keyless.get(place)
    assert (found.content, found.headers["content-type"]) == (b"isi foto", "image/png")
    assert api.violations == []
    await http.get(place)
    assert api.violations == ["GET cdn: our key went to a host that is not Twilio's API"]


async def test_a_file_that_was_deleted_is_gone(http: httpx.AsyncClient, api: TwilioApi):
    url = api.store_media(b"isi foto")
    assert (await http.get(f"{url}.json")).json()["content_type"] == "image/jpeg"
    assert [(await http.delete(f"{url}.json")).status_code for _ in range(2)] == [204, 404]
    assert (await http.get(url)).status_code == 404
    assert api.deleted == [url.rpartition("/")[2]]
    assert api.violations == []


async def test_a_file_can_be_missing_refused_elsewhere_late_or_cut_off(
    http: httpx.AsyncClient, keyless: httpx.AsyncClient, api: TwilioApi
):
    url, elsewhere = api.store_media(b"isi foto"), "http://169.254.169.254/latest/meta-data"
    api.refuse(404, 20404, path="/Media/")
    api.refuse(401, 20003, path="/Media/")
    api.redirect(elsewhere)
    assert [(await http.get(url)).status_code for _ in range(2)] == [404, 401]
    assert (await http.get(url)).headers["location"] == elsewhere
    place = (await http.get(url)).headers["location"]
    api.drop(accepted=True, path="/cdn/")
    with pytest.raises(httpx.TransportError):
        await keyless.get(place)
    api.stall(2, path="/cdn/")
    keyless.timeout = httpx.Timeout(0.2)
    with pytest.raises(httpx.ReadTimeout):
        await keyless.get(place)


def test_a_file_can_go_on_for_ever(api: TwilioApi):
    api.pour()
    size = 0
    with httpx.stream("GET", api.put_file(b"isi")) as answer:
        for chunk in answer.iter_raw():
            size += len(chunk)
            if size > 1_000_000:
                break
    assert size > 1_000_000


async def test_twilio_fetches_the_picture_of_a_message(http: httpx.AsyncClient, api: TwilioApi):
    sid = (await send(http, "Struk", MediaUrl=api.put_file(b"isi foto"))).json()["sid"]
    await settled(api)
    assert (api.messages[sid].media, api.said_to(SITI)) == ([b"isi foto"], ["Struk"])
    assert api.violations == []


@pytest.mark.parametrize(
    ("mime", "size", "at"), [("text/html", 9, ""), ("image/jpeg", (5 << 20) + 1, ""), ("", 0, "https://foto.example/1")]
)
async def test_a_picture_that_twilio_cannot_take_is_noted_and_fails(
    http: httpx.AsyncClient, api: TwilioApi, mime: str, size: int, at: str
):
    sid = (await send(http, "Struk", MediaUrl=at or api.put_file(b"a" * size, mime))).json()["sid"]
    await settled(api)
    assert api.violations
    assert (api.messages[sid].status, api.messages[sid].error_code) == ("failed", 63019)


# --- with Twilio's own client -----------------------------------------------------------------------------------------


class Loopback:
    """The transport of Twilio's client, led to the stand-in."""

    is_async = False

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url

    def request(
        self,
        method: str,
        url: str,
        params: Any = None,
        data: Any = None,
        headers: Any = None,
        auth: Any = None,
        **_: Any,
    ) -> Response:
        for host in ("https://api.twilio.com", "https://content.twilio.com"):
            url = url.replace(host, self._base_url)
        as_json = headers.get("Content-Type") == "application/json"
        given = {"json" if as_json else "data": data} if data else {}
        with httpx.Client(timeout=60) as http:
            answer = http.request(method, url, params=params, headers=headers, auth=auth, **given)
        return Response(answer.status_code, answer.text)


@pytest.fixture
def twilio(api: TwilioApi) -> Client:
    return Client(KEY_SID, KEY_SECRET, ACCOUNT_SID, http_client=Loopback(api.base_url))


def test_twilios_own_client_is_understood(twilio: Client, api: TwilioApi):
    made = twilio.messages.create(
        f"whatsapp:{SITI}", from_=f"whatsapp:{SENDER}", body="Selamat pagi.", smart_encoded=True
    )
    assert made.date_created.year >= 2026
    assert twilio.messages(made.sid).fetch().body == "Selamat pagi."
    for _ in range(3):
        twilio.messages.create(f"whatsapp:{SITI}", from_=f"whatsapp:{SENDER}", body="lagi")
    found = twilio.messages.list(to=f"whatsapp:{SITI}", date_sent_after=made.date_created, page_size=2)
    assert len({message.sid for message in found}) == 4
    assert twilio.api.accounts(ACCOUNT_SID).fetch().status == "active"
    assert api.violations == []


def test_twilios_own_client_makes_contents(twilio: Client, api: TwilioApi):
    given = {"friendly_name": "contoh", "language": "id", "types": quick_reply("Benar")}
    asked = ContentList.ContentCreateRequest(given)
    made = [twilio.content.v1.contents.create(asked).sid for _ in range(3)]
    assert [content.sid for content in twilio.content.v1.contents.list(page_size=2)] == made
    twilio.messages.create(f"whatsapp:{SITI}", from_=f"whatsapp:{SENDER}", content_sid=made[0])
    assert api.buttons_of(SITI) == [("Benar", "id-0", "")]
    assert twilio.content.v1.contents(made[0]).delete()
    assert api.violations == []


def test_twilios_own_client_deletes_files(twilio: Client, api: TwilioApi):
    message, media = api.store_media(b"isi foto").split("/Messages/")[1].split("/Media/")
    assert twilio.messages(message).media(media).delete()
    assert api.deleted == [media]
    assert api.violations == []


# --- as a process -----------------------------------------------------------------------------------------------------


async def test_as_a_process_it_writes_down_what_it_accepts(tmp_path: Path):
    log = tmp_path / "calls.jsonl"
    command = (sys.executable, "-m", "tests.fakes.twilio_api", "--log", str(log), "--limit", "2", "--no-check")
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout
        base_url = (await process.stdout.readline()).decode().strip()
        async with httpx.AsyncClient(base_url=base_url, auth=(KEY_SID, KEY_SECRET), timeout=60) as http:
            sent = [await send(http) for _ in range(3)]
            counted = (await http.get("/stats")).json()
        lines = [json.loads(line) for line in log.read_text().splitlines()]
    finally:
        process.kill()
        await process.wait()
    assert [answer.status_code for answer in sent] == [201, 201, 429]
    assert counted == {"accepted": 2, "refused": {"429": 1}}
    assert [(line["sequence"], line["sid"]) for line in lines] == [(n, sent[n - 1].json()["sid"]) for n in (1, 2)]
    assert lines[0]["form"]["To"] == f"whatsapp:{SITI}"
