"""The templates: WhatsApp would take each of them, they are submitted once, and no filling of theirs is refused."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.errors import ContentRefused, ProviderError, Uncertain
from bot.channels.fitting import units
from bot.channels.whatsapp import WhatsApp, draw_template
from bot.channels.whatsapp_templates import BODY, CATALOGUE, MODELS, Model, broken_rules, filled, variables_of
from conversations import templates
from conversations.ours import repertoire
from conversations.templates import as_template, named, title_of
from conversations.words import LANGUAGES, speaking
from domain.message import Reply
from tests.channels.whatsapp_samples import PHONE, TEXTS
from tests.fakes.twilio_api import ACCOUNT_SID, KEY_SECRET, KEY_SID, SENDER, TwilioApi

each = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)


@pytest.fixture
def twilio() -> Iterator[TwilioApi]:
    with TwilioApi() as twilio:
        yield twilio
        assert twilio.violations == []


@pytest.fixture
async def whatsapp(twilio: TwilioApi) -> AsyncIterator[WhatsApp]:
    whatsapp = WhatsApp(ACCOUNT_SID, KEY_SID, KEY_SECRET, SENDER, twilio.base_url, patience=0.5)
    yield whatsapp
    await whatsapp.close()


# --- the catalogue ----------------------------------------------------------------------------------------------------


@each
def test_whatsapp_takes_every_template(model: Model):
    assert broken_rules(model) == []
    assert "  " not in model.body
    assert len(model.buttons) <= 3


RULES = {
    "{{1}} ada iuran yang belum dibayar bulan ini.": "a gap is first or last",
    "Iuran yang belum dibayar bulan ini {{1}}.": "a gap is first or last",
    "Iuran bulan {{1}} {{2}} belum kami terima dari anggota.": "two gaps are beside each other",
    "Iuran bulan {{1}}: {{2}} belum kami terima dari anggota.": "two gaps are beside each other",
    "Iuran {{1}} belum {{2}} lunas.": "too few words for its gaps",
    "Iuran bulan {{2}} sebesar rupiah {{1}} belum kami terima.": "gaps are not numbered in order",
    "Iuran     bulan {{1}} sebesar {{2}} belum kami terima.": "too many spaces in a row",
    "Iuran " + "bulan " * 200 + "{{1}} sebesar {{2}} belum kami terima.": "too long",
}


@pytest.mark.parametrize(("body", "rule"), RULES.items(), ids=RULES.values())
def test_a_template_that_breaks_a_rule_is_found_before_whatsapp_finds_it(body: str, rule: str):
    samples = ("Desember", "Rp8.400")[: len(re.findall(r"\{\{", body))]
    assert rule in broken_rules(replace(CATALOGUE["knock_id"], body=body, samples=samples))


def test_every_template_has_a_name_for_people_and_stands_in_each_language():
    names = {name.rpartition("_")[0] for name in CATALOGUE}
    assert names == set(templates.TITLES)
    assert set(CATALOGUE) == {f"{name}_{language}" for name in names for language in LANGUAGES}
    assert [title_of(name) for name in ("due_id", "due_en", "other")] == [
        "pengingat sebelum jatuh tempo",
        "pengingat sebelum jatuh tempo (en)",
        "other",
    ]


def test_only_announcements_are_submitted_as_promotion():
    assert {model.name for model in MODELS if model.category == "marketing"} == {"announcement_id", "announcement_en"}


@each
def test_every_button_of_a_template_opens_a_conversation(model: Model):
    for _title, data in model.buttons:
        head, conversation, argument = data.split("|")
        assert (head, argument) == (">", "")
        assert conversation in repertoire.conversations
    assert len({title for title, _data in model.buttons}) == len(model.buttons)


@each
def test_no_template_promises_cover(model: Model):
    assert not re.search(r"terlindungi|dijamin|pasti|gratis|guarantee|insured|\bcover", model.body, re.IGNORECASE)


# --- filled -----------------------------------------------------------------------------------------------------------


@given(st.sampled_from(MODELS), st.data())
def test_whatever_fills_a_template_is_one_line_within_its_room(model: Model, data: st.DataObject):
    """F13."""
    values = tuple(data.draw(TEXTS) for _sample in model.samples)
    variables = variables_of(Reply("", template=model.name, variables=values))
    assert list(variables) == [str(number) for number in range(1, len(values) + 1)]
    for value in variables.values():
        assert value == value.strip() != ""
        assert not re.search(r"[\n\r\t\x00]| {2}|\{\{|\}\}", value)
        assert model.takes_links or not re.search(r"https?://", value)
    whole = filled(model, variables.values())
    assert units(whole) <= BODY
    json.dumps(variables, ensure_ascii=False).encode()


def test_an_officers_link_stays_and_nobody_elses_does():
    words = "Daftar di https://bpjs.example/a ya"
    announced = variables_of(Reply("", template="announcement_id", variables=("A", "B", words)))
    assert announced["3"] == words
    knocked = variables_of(Reply("", template="knock_id", variables=("A", words)))
    assert knocked["2"] == "Daftar di … ya"


@pytest.mark.parametrize(
    "reply",
    [Reply("", template="knock_id", variables=("A",)), Reply("", template="nothing_id"), Reply("")],
    ids=["too little", "no template of ours", "none"],
)
def test_what_does_not_fit_together_is_refused_before_the_wire(reply: Reply):
    with pytest.raises(ContentRefused, match="variables"):
        draw_template(reply, "HX1")


def test_a_reply_names_its_template_in_the_language_spoken_now_and_keeps_it():
    with speaking("en"):
        reply = as_template(Reply("Halo"), "knock", "A", "B")
    assert (reply.template, reply.variables, named("knock")) == ("knock_en", ("A", "B"), "knock_id")
    assert Reply.from_json(reply.as_json()) == reply
    assert "template" not in Reply("Halo").as_json()


# --- at Twilio --------------------------------------------------------------------------------------------------------


async def test_templates_are_made_and_submitted_once_whoever_asks(whatsapp: WhatsApp, twilio: TwilioApi):
    first = await whatsapp.make_templates({})
    again = await whatsapp.make_templates({one.name: one.sid for one in first})
    assert first == again
    assert [(one.name, one.status) for one in first] == [(model.name, "pending") for model in MODELS]
    asked = twilio.calls_of("ApprovalRequests")
    assert [(call.json["name"], call.json["category"]) for call in asked] == [
        (f"jagalapak_{model.name}_v1", model.category.upper()) for model in MODELS
    ]
    assert len(twilio.calls_of("Content")) == len(MODELS)


async def test_what_whatsapp_says_is_read_back(whatsapp: WhatsApp, twilio: TwilioApi):
    await whatsapp.make_templates({})
    twilio.judge()
    twilio.judge("due_id", category="MARKETING")
    twilio.judge("knock_en", "rejected", reason="Too     many\nspaces")
    found = {one.name: one for one in await whatsapp.make_templates({})}
    assert (found["due_id"].status, found["due_id"].asked, found["due_id"].category) == (
        "approved",
        "utility",
        "marketing",
    )
    assert (found["knock_en"].status, found["knock_en"].reason) == ("rejected", "Too     many\nspaces")


async def test_a_run_that_broke_off_is_taken_up_by_the_next(whatsapp: WhatsApp, twilio: TwilioApi):
    twilio.drop(accepted=True, path="ApprovalRequests/whatsapp", verb="POST")
    with pytest.raises(Uncertain):
        await whatsapp.make_templates({})
    found = await whatsapp.make_templates({})
    assert {one.status for one in found} == {"pending"}
    assert len(twilio.account.contents) == len(MODELS)


async def test_what_twilio_refuses_to_make_is_told_and_the_others_go_on(whatsapp: WhatsApp, twilio: TwilioApi):
    twilio.refuse(400, 20001, path="/v1/Content", verb="POST")
    refused, *others = await whatsapp.make_templates({})
    assert (refused.name, refused.sid, refused.status, refused.reason) == ("due_id", "", "refused", "20001")
    assert {one.status for one in others} == {"pending"}


@pytest.mark.parametrize("body", [b"[]", b"null", b"<html>"])
async def test_an_answer_that_says_nothing_is_no_judgement(whatsapp: WhatsApp, twilio: TwilioApi, body: bytes):
    twilio.garble(body, 201, path="ApprovalRequests/whatsapp", verb="POST")
    with pytest.raises(ProviderError):
        await whatsapp.make_templates({})


@each
async def test_every_template_arrives_as_it_was_meant(whatsapp: WhatsApp, twilio: TwilioApi, model: Model):
    judged = {one.name: one.sid for one in await whatsapp.make_templates({})}
    twilio.judge()
    twilio.window_closed(PHONE)
    reply = Reply("Pesan.", template=model.name, variables=model.samples)
    sid = await whatsapp.send(PHONE, draw_template(reply, judged[model.name]), reference="1.1")
    sent = twilio.messages[sid]
    assert (sent.text, sent.fate) == (filled(model, model.samples), None)
    assert [(button.title, button.id) for button in sent.buttons] == list(model.buttons)
