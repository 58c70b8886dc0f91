// One of the phones: who holds it, its apps and which of them is in front, and whether it has a signal.

import { App } from "./app.js";
import { $, icon, make } from "./elements.js";
import { brief, note } from "./notes.js";
import { clock, timeOf } from "./time.js";

export const NAMES = { telegram: "Telegram", whatsapp: "WhatsApp" };

export class Phone {
  constructor(info, state) {
    this.info = info;
    this.state = state;
    this.online = true;
    this.doubled = false;
    this.root = $("#phone-template").content.cloneNode(true).firstElementChild;
    this.apps = new Map(info.chats.map((chat) => [chat.look, new App(this, chat)]));
    this.tabs = new Map([...this.apps.keys()].map((look) => [look, this.tabOf(look)]));
    this.dress();
    this.open(localStorage.getItem(`front-${info.key}`));
  }

  dress() {
    const { name, role } = this.info;
    $(".who h2", this.root).textContent = name;
    $(".who p", this.root).textContent = role;
    $(".switch", this.root).append(...this.tabs.values());
    this.root.setAttribute("aria-label", `Ponsel ${role.toLowerCase()}: ${name}`);
    $(".offline", this.root).addEventListener("change", (event) => this.connect(!event.target.checked));
    $(".doubled", this.root).addEventListener("change", (event) => this.double(event.target.checked));
  }

  /** The tab of an app; its dot tells of what came while another app was in front. */
  tabOf(look) {
    const tab = make("button", { type: "button" }, icon(look), make("span", {}, NAMES[look]), make("b"));
    tab.dataset.look = look;
    tab.title = NAMES[look];
    tab.addEventListener("click", () => this.open(look));
    return tab;
  }

  /** Bring an app to the front; the other stays as it is. */
  open(look) {
    this.front = this.apps.get(look) ?? this.apps.get(this.info.look);
    localStorage.setItem(`front-${this.info.key}`, this.front.look);
    for (const app of this.apps.values()) app.stand(app === this.front);
    for (const [name, tab] of this.tabs) tab.setAttribute("aria-pressed", String(name === this.front.look));
    $(".status", this.root).dataset.look = this.front.look;
    $("b", this.tabs.get(this.front.look)).textContent = "";
    this.hideBanner();
  }

  write(text) {
    this.front.write(text);
  }

  get inView() {
    return this.root.getClientRects().length > 0;
  }

  /** The phone has come into view again: what was measured while it was not is measured now. */
  settle() {
    for (const app of this.apps.values()) app.settle();
  }

  tick() {
    $(".status-time", this.root).textContent = timeOf(clock.now());
    for (const app of this.apps.values()) app.tick();
  }

  /** The bot said something in one of the apps. */
  hear(app, text) {
    note("Bot", `→ ${this.info.name}, ${NAMES[app.look]}: ${brief(text)}`);
    this.onNews?.();
    if (app === this.front) return;
    const count = $("b", this.tabs.get(app.look));
    count.textContent = Number(count.textContent) + 1;
    this.showBanner(app, text);
  }

  // what another app says meanwhile

  showBanner(app, text) {
    const banner = $(".banner", this.root);
    banner.dataset.look = app.look;
    $("i", banner).replaceChildren(icon(app.look));
    $("b", banner).textContent = `${NAMES[app.look]} · ${this.state.association}`;
    $("small", banner).textContent = brief(text);
    banner.onclick = () => this.open(app.look);
    banner.hidden = false;
    clearTimeout(this.bannerEnd);
    this.bannerEnd = setTimeout(() => this.hideBanner(), 6000);
  }

  hideBanner() {
    $(".banner", this.root).hidden = true;
  }

  // the signal

  connect(online) {
    this.online = online;
    $(".signal use", this.root).setAttribute("href", online ? "#i-signal" : "#i-no-signal");
    const lines = [...this.apps.values()].map((app) => app.line);
    const count = (kind) => lines.reduce((sum, line) => sum + line[kind].length, 0);
    note(this.info.name, online ? `sinyal kembali: ${count("waiting")} pesan dikirim, ${count("held")} masuk` : "kehilangan sinyal");
    for (const line of lines) line.connect();
  }

  double(doubled) {
    this.doubled = doubled;
    note(this.info.name, doubled ? "mengirim setiap pesan dua kali" : "mengirim seperti biasa");
  }
}
