// The wire to the server: what the page asks, sends and hears.

import { $ } from "./elements.js";
import { clock } from "./time.js";

/** The server's refusal, in words for whoever sits here; anything else that goes wrong is a lost connection. */
export class Refused extends Error {}

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** 32 random hex digits; crypto.randomUUID is missing where the page is not on localhost. */
export function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export async function post(path, body) {
  const form = body instanceof FormData;
  const answer = await fetch(`/simulator/${path}`, {
    method: "POST",
    headers: form ? {} : { "Content-Type": "application/json" },
    body: form ? body : JSON.stringify(body),
  });
  const data = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(typeof data.detail === "string" ? data.detail : "Bot sedang bermasalah. Coba kirim lagi.");
  if (data.now) clock.set(data.now);
  return data;
}

/** Keep a file at the server; answers with the attachment that a message may name. */
export function upload(file) {
  const form = new FormData();
  form.append("photo", file);
  return post("photo", form);
}

/** The state; asked for until the server answers. */
export async function load() {
  for (;;) {
    try {
      const answer = await fetch("/simulator/state");
      if (answer.ok) return await answer.json();
    } catch { /* the server is not there yet */ }
    $("#lost").hidden = false;
    await sleep(2000);
  }
}

let run = ""; // which run of the server we hear

/** Hear of these phones for ever: `told(phone, look, entry)`, `parked(phone, look, count)`, `moved()` the clock. */
export function listen(phones, { told, parked, moved }) {
  const query = phones.map((phone) => `phone=${encodeURIComponent(phone)}`).join("&");
  const events = new EventSource(`/simulator/events?${query}`);
  events.addEventListener("hello", (event) => {
    const hello = JSON.parse(event.data);
    if (run && run !== hello.run) location.reload(); // the demo began anew
    run = hello.run;
    clock.set(hello.now);
    $("#lost").hidden = true;
  });
  events.addEventListener("message", (event) => {
    const { phone, look, now, ...entry } = JSON.parse(event.data);
    clock.set(now);
    told(phone, look, entry);
  });
  events.addEventListener("parked", (event) => {
    const { phone, look, parked: count } = JSON.parse(event.data);
    parked(phone, look, count);
  });
  events.addEventListener("clock", (event) => {
    clock.set(JSON.parse(event.data).now);
    moved();
  });
  events.addEventListener("error", () => {
    $("#lost").hidden = false;
    if (events.readyState === EventSource.CLOSED) setTimeout(() => listen(phones, { told, parked, moved }), 3000);
  });
}
