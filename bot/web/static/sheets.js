// What slides over a phone's chat: lists to choose from, things to attach, a picture in full.

import { $, icon, make, makeButton } from "./elements.js";
import { sampleKtp, sampleReceipt } from "./samples.js";
import { clock } from "./time.js";

const STRANGER = "+62 812-0000-0099";

export class Sheets {
  constructor(phone) {
    this.phone = phone;
    this.veil = $(".veil", phone.root);
    this.app = $(".app", phone.root);
    this.veil.addEventListener("click", (event) => { if (event.target === event.currentTarget) this.close(); });
    this.veil.addEventListener("keydown", (event) => this.keyed(event));
    $(".attach", phone.root).addEventListener("click", () => this.openGifts());
  }

  show(sheet, focus) {
    this.back = document.activeElement;
    this.veil.replaceChildren(sheet);
    this.veil.hidden = false;
    this.app.inert = true;
    (focus ?? $("button", sheet)).focus({ preventScroll: true });
  }

  close() {
    if (this.veil.hidden) return;
    this.veil.hidden = true;
    this.veil.classList.remove("viewer");
    this.app.inert = false;
    if (this.back?.isConnected) this.back.focus({ preventScroll: true });
  }

  /** Escape closes; Tab stays inside. */
  keyed(event) {
    if (event.key === "Escape") this.close();
    if (event.key !== "Tab") return;
    const buttons = [...this.veil.querySelectorAll("button")];
    const edge = event.shiftKey ? buttons[0] : buttons.at(-1);
    if (document.activeElement !== edge) return;
    event.preventDefault();
    (event.shiftKey ? buttons.at(-1) : buttons[0]).focus();
  }

  sheet(title, body) {
    const close = makeButton("", () => this.close());
    close.append(icon("close"));
    close.setAttribute("aria-label", "Tutup");
    const sheet = make("div", { className: "sheet", role: "dialog" }, make("header", {}, make("h3", {}, title), close), body);
    sheet.setAttribute("aria-modal", "true");
    sheet.setAttribute("aria-label", title);
    this.show(sheet, $("button", body));
  }

  /** A row of a sheet: pressing it closes the sheet and acts. */
  rowOf(content, act) {
    const row = makeButton("", () => { this.close(); act(); });
    row.append(...content);
    return row;
  }

  openList(entry, buttons) {
    const rows = make("div", { className: "rows" });
    for (const choice of buttons) {
      const below = choice.description ? make("small", {}, choice.description) : null;
      rows.append(this.rowOf([make("span", {}, choice.label, ...(below ? [below] : [])), make("i")], () => this.phone.choose(entry, choice)));
    }
    this.sheet("Pilih", rows);
  }

  offer(entry) {
    this.sheet("Pesan ini", make("div", { className: "rows" }, this.rowOf([icon("pencil"), make("span", {}, "Ubah pesan")], () => this.phone.composer.edit(entry))));
  }

  openGifts() {
    const grid = make("div", { className: "gifts" });
    for (const [name, label, tint, act] of this.gifts()) {
      const dot = make("i", {}, icon(name));
      dot.style.setProperty("--tint", tint);
      grid.append(this.rowOf([dot, label], act));
    }
    this.sheet("Lampirkan", grid);
  }

  /** What can be attached: icon, label, tint, act. */
  gifts() {
    const { phone } = this;
    const pick = (selector) => () => $(selector, phone.root).click();
    return [
      ["photo", "Foto", "#8a4fd0", pick(".pick-photo")],
      ["card", "Contoh KTP", "#2d7dd2", () => phone.sendSample("contoh-ktp", sampleKtp(phone.info.name))],
      ["receipt", "Contoh bukti bayar", "#0b8f6a", () => phone.sendSample("contoh-bukti", sampleReceipt(clock.now()))],
      ["file", "Berkas", "#5f66cd", pick(".pick-file")],
      ["mic", "Pesan suara", "#d9822b", () => phone.sendVoice()],
      ["sticker", "Stiker", "#c2426f", () => phone.line.put({ kind: "sticker" })],
      ["pin", "Lokasi", "#2e9150", () => phone.line.put({ kind: "location" })],
      ["person", "Kontak orang lain", "#5d6f7b", () => phone.line.put({ kind: "contact", contact: STRANGER, own: false })],
    ];
  }

  view(source, alt) {
    const close = makeButton("", () => this.close());
    close.append(icon("close"));
    close.setAttribute("aria-label", "Tutup gambar");
    this.veil.classList.add("viewer");
    const frame = make("div", { role: "dialog" }, make("img", { src: source, alt }), close);
    frame.setAttribute("aria-modal", "true");
    frame.setAttribute("aria-label", alt);
    this.show(frame, close);
  }
}
