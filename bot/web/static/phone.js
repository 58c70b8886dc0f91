// One of the phones: who holds it, which app it looks like, and what she does with it.

import { Chat } from "./chat.js";
import { Composer } from "./composer.js";
import { $, makeButton } from "./elements.js";
import { Line } from "./line.js";
import { sampleVoice } from "./samples.js";
import { Sheets } from "./sheets.js";
import { clock, DAY, timeOf } from "./time.js";

export class Phone {
  constructor(info, state) {
    this.info = info;
    this.state = state;
    this.look = localStorage.getItem(`look-${info.key}`) || info.look;
    this.root = $("#phone-template").content.cloneNode(true).firstElementChild;
    this.chat = new Chat(this);
    this.composer = new Composer(this);
    this.sheets = new Sheets(this);
    this.line = new Line(this);
    this.dress();
    for (const entry of info.history) this.chat.add(entry, { quiet: true });
    this.wear(this.look);
  }

  dress() {
    const { name, role, key } = this.info;
    $(".face", this.root).textContent = name.split(/\s+/).map((word) => word[0]).join("").slice(0, 2).toUpperCase();
    $(".who h2", this.root).textContent = name;
    $(".who p", this.root).textContent = role;
    $(".chat-head h3", this.root).textContent = this.state.association;
    this.root.setAttribute("aria-label", `Ponsel ${role.toLowerCase()}: ${name}`);
    this.chat.log.setAttribute("aria-label", `Obrolan ${name} dengan bot`);
    this.composer.input.setAttribute("aria-label", `Pesan dari ${name}`);
    this.composer.input.maxLength = this.state.text_limit;
    $(".start", this.root).addEventListener("click", () => this.write("/start"));
    for (const radio of this.root.querySelectorAll(".switch input")) {
      radio.name = `look-${key}`;
      radio.addEventListener("change", () => this.wear(radio.value));
    }
  }

  wear(look) {
    this.look = look;
    localStorage.setItem(`look-${this.info.key}`, look);
    $(".screen", this.root).dataset.look = look;
    $(`.switch input[value="${look}"]`, this.root).checked = true;
    this.composer.input.placeholder = look === "telegram" ? "Pesan" : "Ketik pesan";
    this.chat.draw();
    this.refresh();
  }

  /** What the passing of time changes: the status bar and WhatsApp's 24 hours. */
  tick() {
    $(".status-time", this.root).textContent = timeOf(clock.now());
    const spoke = this.chat.entries.findLast((entry) => entry.side === "me" && entry.status === "read");
    const outside = this.chat.entries.length > 0 && clock.now() - (spoke?.at ?? 0) > DAY;
    $(".window", this.root).hidden = !(this.look === "whatsapp" && outside);
  }

  /** What follows from what was said last: subtitle, window, keyboard, start button. */
  refresh() {
    const resting = this.look === "telegram" ? "bot" : "Akun bisnis";
    $(".chat-head p", this.root).textContent = !this.line.online ? "menunggu jaringan…" : this.chat.typing ? "mengetik…" : resting;
    this.tick();
    const fresh = this.look === "telegram" && this.chat.entries.length === 0;
    $(".start", this.root).hidden = !fresh;
    $(".composer", this.root).hidden = fresh;
    this.drawKeyboard();
    this.composer.measure();
  }

  drawKeyboard() {
    const keyboard = $(".keyboard", this.root);
    const last = this.chat.entries.findLast((entry) => entry.side === "bot");
    const fit = last?.looks[this.look];
    const shown = fit?.menu === "keyboard" && !last.answered;
    if (shown && keyboard.dataset.of !== last.id) {
      keyboard.replaceChildren(...fit.buttons.map((choice) => makeButton(choice.label, () => this.pressKey(last, choice))));
      keyboard.dataset.of = last.id;
    }
    keyboard.hidden = !shown;
  }

  toast(text) {
    const snack = $(".snack", this.root);
    snack.textContent = text;
    snack.classList.add("up");
    clearTimeout(this.toastEnd);
    this.toastEnd = setTimeout(() => snack.classList.remove("up"), 4200);
  }

  // what she does

  write(text) {
    this.line.put({ kind: "text", text });
  }

  change(entry, text) {
    if (text === entry.text) return;
    this.chat.amend(entry, text);
    this.line.put({ kind: "edited", text, edits: entry.id }, { shown: entry });
  }

  /** A button was pressed: it shares her number, taps, or types its own label. */
  choose(entry, choice) {
    if (choice.contact) this.line.put({ kind: "contact", contact: this.info.number, own: true });
    else if (choice.data && entry.looks[this.look].menu !== "keyboard") this.tap(entry, choice);
    else this.write(choice.label);
  }

  tap(entry, choice) {
    entry.pressing = choice.data;
    this.chat.redraw(entry);
    this.line.put({ kind: "tap", tap: choice.data, text: choice.label }, { done: () => this.pressed(entry, choice.data) });
  }

  pressed(entry, data) {
    entry.pressing = null;
    entry.pressed = data;
    this.chat.redraw(entry);
  }

  pressKey(entry, choice) {
    entry.answered = true;
    this.choose(entry, choice);
    this.refresh();
  }

  sendVoice() {
    this.line.put({ kind: "voice" }, { file: new File([sampleVoice()], "pesan-suara.wav", { type: "audio/wav" }) });
  }

  sendFile(kind, file, text = "", album = undefined) {
    const picture = kind === "photo" ? URL.createObjectURL(file) : "";
    this.line.put({ kind, text, album }, { file, entry: { picture, file: file.name } });
  }

  async sendSample(name, blob) {
    this.sendFile("photo", new File([await blob], `${name}.jpg`, { type: "image/jpeg" }), this.composer.caption());
  }
}
