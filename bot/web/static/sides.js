// Who lies where: on each side of the desk one phone is in front; on small screens one side alone is shown.

import { $, make, makeButton } from "./elements.js";

export const callName = (phone) => phone.info.name.split(" ")[0];

const sideOf = (phone) => $(`.side[data-side="${phone.info.side}"]`);
const initials = (name) => name.split(/\s+/).map((word) => word[0]).join("").slice(0, 2).toUpperCase();
const rowsOf = (phone) => [$(".people", sideOf(phone)), $("#tabs")]; // one for each side; one for all on small screens

let changed = () => {}; // hears which phones are in front now

/** Lay a phone in front on its side. */
export function showPhone(phones, shown) {
  const side = sideOf(shown);
  for (const other of document.querySelectorAll(".side")) other.classList.toggle("shown", other === side);
  for (const phone of phones.filter((one) => sideOf(one) === side)) phone.root.classList.toggle("front", phone === shown);
  localStorage.setItem(`side-${shown.info.side}`, shown.info.key);
  mark(phones, shown);
  openDesk(false);
  shown.settle();
  changed(phones.filter((phone) => phone.root.classList.contains("front")));
}

/** Which phone is in front on its side, and which one a small screen shows. */
function mark(phones, shown) {
  for (const phone of phones) {
    const [beside, tab] = phone.choosers;
    beside.setAttribute("aria-pressed", String(phone.root.classList.contains("front")));
    tab.setAttribute("aria-pressed", String(phone === shown));
  }
  shown.choosers[1].scrollIntoView({ block: "nearest", inline: "center" });
}

/** A face and a name; the dot tells of what came while the phone was out of sight. */
function chooserOf(phone, choose) {
  const { name, role } = phone.info;
  const chooser = makeButton("", choose, "chooser");
  chooser.append(
    make("i", { className: "face", ariaHidden: "true" }, initials(name)),
    make("span", {}, callName(phone), make("small", {}, role)),
    make("b"),
  );
  chooser.title = `${name}, ${role.toLowerCase()}`;
  chooser.dataset.side = phone.info.side;
  return chooser;
}

function count(phone, news) {
  for (const chooser of phone.choosers) $("b", chooser).textContent = news || "";
  phone.news = news;
}

export function wireSides(phones, heard) {
  changed = heard;
  for (const phone of phones) {
    sideOf(phone).append(phone.root);
    phone.choosers = rowsOf(phone).map((row) => {
      const chooser = chooserOf(phone, () => showPhone(phones, phone));
      row.append(chooser);
      return chooser;
    });
    phone.onNews = () => { if (!phone.inView) count(phone, (phone.news ?? 0) + 1); };
    new ResizeObserver(() => { if (phone.inView) count(phone, 0); }).observe(phone.root);
  }
  $("#clock-chip").addEventListener("click", () => openDesk(!$("#desk").classList.contains("open")));
  for (const side of ["right", "left"]) showPhone(phones, lastOn(side, phones)); // small screens begin on the left
}

/** Whose phone was in front on that side when the page was left, or the first one. */
function lastOn(side, phones) {
  const there = phones.filter((phone) => phone.info.side === side);
  return there.find((phone) => phone.info.key === localStorage.getItem(`side-${side}`)) ?? there[0];
}

function openDesk(open) {
  $("#desk").classList.toggle("open", open);
  $("#clock-chip").setAttribute("aria-expanded", String(open));
}
