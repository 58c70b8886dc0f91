// What happened, for whoever watches.

import { $, make } from "./elements.js";
import { clock, timeOf } from "./time.js";

export const brief = (text) => (text.length > 70 ? `${text.slice(0, 68).trimEnd()}…` : text).replace(/\s+/g, " ");

export function note(who, what) {
  const notes = $("#notes");
  const line = make("li", {}, make("time", {}, timeOf(clock.now())), make("span", {}, make("b", {}, who), " ", what));
  notes.prepend(line);
  while (notes.children.length > 80) notes.lastChild.remove();
  return line;
}
