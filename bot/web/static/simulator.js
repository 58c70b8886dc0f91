// The simulator's page: phones on two sides, a clock, and what happens between them. No framework, nothing from elsewhere.
// A phone has two apps, and an app is made of a chat, a composer, sheets and a line to the server; the desk between the
// phones moves the clock.

import { offerTries, showTime, wireClock } from "./desk.js";
import { $, icon, make } from "./elements.js";
import { Phone } from "./phone.js";
import { wireSides } from "./sides.js";
import { clock } from "./time.js";
import { listen, load } from "./wire.js";

const link = ({ label, href }) => make("a", { href, target: "_blank", rel: "noopener" }, label, icon("out"));

function dress(state) {
  $("#association").textContent = state.association;
  $("#clock-zone").textContent = state.zone;
  document.title = `${state.association} · Simulator JagaLapak`;
  for (const nav of document.querySelectorAll(".places")) nav.append(...state.places.map(link));
}

async function open() {
  const state = await load();
  clock.set(state.now);
  dress(state);
  const phones = state.phones.map((info) => new Phone(info, state));
  wireSides(phones, (inFront) => offerTries(phones, inFront));
  wireClock(phones);
  showTime(phones);
  setInterval(() => showTime(phones), 1000);
  const byKey = new Map(phones.map((phone) => [phone.info.key, phone]));
  const appOf = (phone, look) => byKey.get(phone).apps.get(look);
  listen([...byKey.keys()], {
    told: (phone, look, entry) => appOf(phone, look).line.receive(entry),
    parked: (phone, look, count) => appOf(phone, look).park(count),
    moved: () => showTime(phones),
  });
}

open();
