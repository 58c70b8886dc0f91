// The desk between the phones: the clock that can be moved, and words worth typing.

import { $, make, makeButton } from "./elements.js";
import { note } from "./notes.js";
import { callName, showPhone } from "./sides.js";
import { clock, dateOf, DAY, dayNumber, local, longDate, timeOf } from "./time.js";
import { post, Refused } from "./wire.js";

const PARTS = [[5, "malam"], [7, "fajar"], [16, "siang"], [19, "sore"], [24, "malam"]]; // of the day, and until which hour
let shownDay = null;

/** Clock, sky and status bars; cheap enough for every second. */
export function showTime(phones) {
  const now = clock.now();
  showSky(local(now).getUTCHours() + local(now).getUTCMinutes() / 60);
  $("#clock-time").textContent = timeOf(now);
  $("#clock-date").textContent = longDate(now);
  $("#clock-chip-text").textContent = `${dateOf(now, { day: "numeric", month: "short" })} ${timeOf(now)}`;
  offerTomorrow(now);
  offerNextMonth(now);
  phones.forEach((phone) => phone.tick());
  if (shownDay !== dayNumber(now)) phones.forEach((phone) => phone.apps.forEach((app) => app.chat.draw())); // "Hari ini" is another day now
  shownDay = dayNumber(now);
}

/** The sun from 5.30 to 18.30, else the moon, on its way from left to right. */
function showSky(hour) {
  const night = hour < 5.5 || hour >= 18.5;
  const across = night ? ((hour + 5.5) % 24) / 11 : (hour - 5.5) / 13;
  const card = $("#clock");
  card.dataset.part = PARTS.find(([until]) => hour < until)[1];
  card.style.setProperty("--across", (0.06 + 0.88 * across).toFixed(3));
  card.style.setProperty("--height", Math.sin(Math.PI * across).toFixed(3));
}

/** The field for a chosen time never stands in the past. */
function offerTomorrow(now) {
  const field = $("#goto-time");
  field.min = local(now).toISOString().slice(0, 16);
  const untouched = document.activeElement !== field && field.value <= field.min;
  if (untouched) field.value = `${local(now + DAY).toISOString().slice(0, 10)}T08:00`;
}

function offerNextMonth(now) {
  const first = local(now);
  first.setUTCMonth(first.getUTCMonth() + 1, 1);
  $("#next-month").textContent = dateOf(first.getTime() - clock.zone, { day: "numeric", month: "long" });
}

async function moveClock(body, phones) {
  const card = $("#clock");
  if (card.getAttribute("aria-busy") === "true") return;
  card.setAttribute("aria-busy", "true");
  $("#clock-error").textContent = "";
  const line = note("Jam", "dimajukan…"); // noted first: what falls due arrives before the answer
  try {
    await post("clock", body);
    $("time", line).textContent = timeOf(clock.now());
    $("span", line).lastChild.textContent = `maju ke ${longDate(clock.now())}`;
  } catch (error) {
    line.remove();
    $("#clock-error").textContent = error instanceof Refused ? error.message : "Server tidak menjawab. Coba lagi.";
  }
  card.setAttribute("aria-busy", "false");
  showTime(phones);
}

export function wireClock(phones) {
  for (const button of document.querySelectorAll("#steps button")) {
    button.addEventListener("click", () => moveClock({ step: button.dataset.step }, phones));
  }
  $("#goto").addEventListener("submit", (event) => {
    event.preventDefault();
    moveClock({ to: $("#goto-time").value }, phones);
  });
}

/** Words worth typing, for the phones that lie in front. */
export function offerTries(phones, inFront) {
  const lines = inFront.filter((phone) => phone.info.tries.length).map((phone) => {
    const words = phone.info.tries.map((word) => makeButton(word, () => { showPhone(phones, phone); phone.write(word); }));
    return make("p", {}, make("b", {}, callName(phone)), make("span", {}, ...words));
  });
  $("#tries").replaceChildren(...lines);
  $(".tries").hidden = lines.length === 0;
}
