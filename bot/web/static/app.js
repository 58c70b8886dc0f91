// One app on a phone: its chat with the bot, and what the phone's owner does in it.

import { Browser } from "./browser.js";
import { Chat } from "./chat.js";
import { Composer } from "./composer.js";
import { $, makeButton } from "./elements.js";
import { Line } from "./line.js";
import { note } from "./notes.js";
import { sampleVoice } from "./samples.js";
import { Sheets } from "./sheets.js";
import { clock } from "./time.js";

export class App {
  constructor(phone, { look, history, parked, window }) {
    this.phone = phone;
    this.info = phone.info;
    this.state = phone.state;
    this.look = look;
    this.parked = parked; // messages of ours that wait until she writes
    this.window = window * 1000; // how long after her last word we may write; 0: always
    this.root = $("#app-template").content.cloneNode(true).firstElementChild;
    this.root.dataset.look = look;
    $(".apps", phone.root).append(this.root);
    this.chat = new Chat(this);
    this.composer = new Composer(this);
    this.sheets = new Sheets(this);
    this.browser = new Browser(this);
    this.line = new Line(this);
    this.dress();
    for (const entry of history) this.chat.add(entry, { quiet: true });
    this.chat.draw();
    this.refresh();
  }

  dress() {
    const { name } = this.info;
    $(".chat-head h3", this.root).textContent = this.state.association;
    this.chat.log.setAttribute("aria-label", `Obrolan ${name} dengan bot`);
    this.composer.input.setAttribute("aria-label", `Pesan dari ${name}`);
    this.composer.input.maxLength = this.state.text_limit;
    this.composer.input.placeholder = this.look === "telegram" ? "Pesan" : "Ketik pesan";
    $(".start", this.root).addEventListener("click", () => this.write("/start"));
  }

  /** In front, or behind the other app. */
  stand(inFront) {
    this.root.classList.toggle("behind", !inFront);
    this.root.inert = !inFront;
    if (inFront) this.settle();
  }

  settle() {
    this.chat.settle();
    this.composer.measure();
  }

  /** What the passing of time changes: whether we may still write here. */
  tick() {
    const name = this.info.name.split(" ")[0];
    const spoke = this.chat.entries.findLast((entry) => entry.side === "me" && entry.status === "read");
    const closed = this.window > 0 && Boolean(spoke) && clock.now() - spoke.at > this.window;
    const late = "Lebih dari 24 jam sejak pesan terakhir";
    if (this.parked) this.chat.tell(`${late}: ${this.parked} pesan berikut menunggu sampai ${name} menulis (atau butuh templat yang disetujui WhatsApp).`);
    else this.chat.tell(closed ? `${late}. Di WhatsApp bot baru boleh menulis lagi setelah ${name} menulis.` : "");
  }

  park(count) {
    if (count > this.parked) note("Bot", `→ ${this.info.name}: pesan menunggu, lebih dari 24 jam sejak kata terakhirnya`);
    this.parked = count;
    this.tick();
  }

  /** What follows from what was said last: subtitle, window, keyboard, start button. */
  refresh() {
    const resting = this.look === "telegram" ? "bot" : "Akun bisnis";
    $(".chat-head p", this.root).textContent = !this.phone.online ? "menunggu jaringan…" : this.chat.typing ? "mengetik…" : resting;
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
    const shown = last?.menu === "keyboard" && !last.answered;
    if (shown && keyboard.dataset.of !== last.id) {
      keyboard.replaceChildren(...last.buttons.map((choice) => makeButton(choice.label, () => this.pressKey(last, choice))));
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
    else if (choice.data && entry.menu !== "keyboard") this.tap(entry, choice);
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

  /** The amount that the bot last asked for here. */
  askedFor() {
    const amount = /Rp[1-9][\d.]*\d/;
    const said = this.chat.entries.findLast((entry) => entry.side === "bot" && amount.test(entry.text));
    return said?.text.match(amount)[0] ?? "Rp8.400";
  }

  async sendSample(name, blob) {
    this.sendFile("photo", new File([await blob], `${name}.jpg`, { type: "image/jpeg" }), this.composer.caption());
  }
}
