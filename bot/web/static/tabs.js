// Small screens: one phone at a time, the desk behind the clock.

import { $, make, makeButton } from "./elements.js";

export function showPhone(phones, shown) {
  for (const phone of phones) {
    phone.root.classList.toggle("shown", phone === shown);
    phone.tab.setAttribute("aria-pressed", String(phone === shown));
  }
  $("b", shown.tab).textContent = "";
  openDesk(false);
  shown.settle();
}

export function wireTabs(phones) {
  for (const phone of phones) {
    phone.tab = makeButton(`${phone.info.role} · ${phone.info.name.split(" ")[0]}`, () => showPhone(phones, phone));
    phone.tab.append(make("b"));
    phone.onNews = () => {
      if (phone.root.getClientRects().length) return; // in view
      $("b", phone.tab).textContent = Number($("b", phone.tab).textContent) + 1;
    };
  }
  $("#tabs").append(...phones.map((phone) => phone.tab));
  $("#clock-chip").addEventListener("click", () => openDesk(!$("#desk").classList.contains("open")));
  showPhone(phones, phones[0]);
}

function openDesk(open) {
  $("#desk").classList.toggle("open", open);
  $("#clock-chip").setAttribute("aria-expanded", String(open));
}
