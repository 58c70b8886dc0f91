// What happened, for whoever watches.

import { $, make } from "./elements.js";
import { clock, timeOf } from "./time.js";

const NIKS = /\d(?:[ .-]?\d){14,}/g; // as long as a NIK or almost

const masked = (text) => text.replace(NIKS, (nik) => `••••${nik.replace(/\D/g, "").slice(-4)}`);

export const brief = (text) => {
  const shown = masked(text).replace(/\s+/g, " ");
  return shown.length > 70 ? `${shown.slice(0, 68).trimEnd()}…` : shown;
};

export function note(who, what) {
  const notes = $("#notes");
  const line = make("li", {}, make("time", {}, timeOf(clock.now())), make("span", {}, make("b", {}, who), " ", what));
  notes.prepend(line);
  while (notes.children.length > 80) notes.lastChild.remove();
  return line;
}
