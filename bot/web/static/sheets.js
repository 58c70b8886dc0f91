// What slides over an app's chat: lists to choose from, things to attach, a picture in full, a page of ours.

import { $, icon, make, makeButton } from "./elements.js";
import { sampleKtp, sampleReceipt } from "./samples.js";
import { clock } from "./time.js";

const STRANGER = "+62 812-0000-0099";

export class Sheets {
  constructor(app) {
    this.app = app;
    this.veil = $(".veil", app.root);
    this.behind = $(".front", app.root);
    this.veil.addEventListener("click", (event) => { if (event.target === event.currentTarget) this.close(); });
    this.veil.addEventListener("keydown", (event) => this.keyed(event));
    $(".attach", app.root).addEventListener("click", () => this.openGifts());
  }

  /** Put something over the chat; `closed` is called when it goes. */
  show(sheet, { focus = $("button", sheet), className = "", closed = () => {} } = {}) {
    this.back = document.activeElement;
    this.closed = closed;
    this.veil.className = `veil ${className}`;
    this.veil.replaceChildren(sheet);
    this.veil.hidden = false;
    this.behind.inert = true;
    focus.focus({ preventScroll: true });
  }

  close() {
    if (this.veil.hidden) return;
    this.veil.hidden = true;
    this.veil.replaceChildren();
    this.behind.inert = false;
    this.closed();
    if (this.back?.isConnected) this.back.focus({ preventScroll: true });
  }

  /** Escape closes; Tab stays inside. */
  keyed(event) {
    if (event.key === "Escape") this.close();
    if (event.key !== "Tab") return;
    const places = [...this.veil.querySelectorAll("button, iframe")];
    const edge = event.shiftKey ? places[0] : places.at(-1);
    if (document.activeElement !== edge) return;
    event.preventDefault();
    (event.shiftKey ? places.at(-1) : places[0]).focus();
  }

  sheet(title, body) {
    const close = makeButton("", () => this.close());
    close.append(icon("close"));
    close.setAttribute("aria-label", "Tutup");
    const sheet = make("div", { className: "sheet", role: "dialog" }, make("header", {}, make("h3", {}, title), close), body);
    sheet.setAttribute("aria-modal", "true");
    sheet.setAttribute("aria-label", title);
    this.show(sheet, { focus: $("button", body) });
  }

  /** A row of a sheet: pressing it closes the sheet and acts. */
  rowOf(content, act) {
    const row = makeButton("", () => { this.close(); act(); });
    row.append(...content);
    return row;
  }

  openList(entry) {
    const rows = make("div", { className: "rows" });
    for (const choice of entry.buttons) {
      const below = choice.description ? make("small", {}, choice.description) : null;
      rows.append(this.rowOf([make("span", {}, choice.label, ...(below ? [below] : [])), make("i")], () => this.app.choose(entry, choice)));
    }
    this.sheet("Pilih / Choose", rows);
  }

  offer(entry) {
    this.sheet("Pesan ini", make("div", { className: "rows" }, this.rowOf([icon("pencil"), make("span", {}, "Ubah pesan")], () => this.app.composer.edit(entry))));
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
    const { app } = this;
    const pick = (selector) => () => $(selector, app.root).click();
    return [
      ["photo", "Foto", "#8a4fd0", pick(".pick-photo")],
      ["card", "Contoh KTP", "#2d7dd2", () => app.sendSample("contoh-ktp", sampleKtp(app.info))],
      ["receipt", "Contoh bukti bayar", "#0b8f6a", () => app.sendSample("contoh-bukti", sampleReceipt(clock.now(), app.askedFor()))],
      ["file", "Berkas", "#5f66cd", pick(".pick-file")],
      ["mic", "Pesan suara", "#d9822b", () => app.sendVoice()],
      ["sticker", "Stiker", "#c2426f", () => app.line.put({ kind: "sticker" })],
      ["pin", "Lokasi", "#2e9150", () => app.line.put({ kind: "location" })],
      ["person", "Kontak orang lain", "#5d6f7b", () => app.line.put({ kind: "contact", contact: STRANGER, own: false })],
    ];
  }

  view(source, alt) {
    const close = makeButton("", () => this.close());
    close.append(icon("close"));
    close.setAttribute("aria-label", "Tutup gambar");
    const frame = make("div", { role: "dialog" }, make("img", { src: source, alt }), close);
    frame.setAttribute("aria-modal", "true");
    frame.setAttribute("aria-label", alt);
    this.show(frame, { focus: close, className: "viewer" });
  }
}
