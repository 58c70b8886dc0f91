// Where one types in an app: text, emoji, files from disk, and the change of what she wrote before.

import { $, makeButton } from "./elements.js";
import { brief } from "./notes.js";
import { newId } from "./wire.js";

const EMOJI = ["🙏", "👍", "😊", "😂", "❤️", "✅", "1️⃣", "2️⃣"];

export class Composer {
  constructor(app) {
    this.app = app;
    this.root = app.root;
    this.input = $("textarea", this.root);
    this.editing = null; // the entry that she changes
    this.wire();
  }

  wire() {
    const on = (selector, event, act) => $(selector, this.root).addEventListener(event, act);
    on(".composer", "submit", (event) => { event.preventDefault(); this.submit(); });
    on(".open-emoji", "click", () => this.toggleEmoji());
    on(".editing button", "click", () => this.edit(null));
    on(".pick-photo", "change", (event) => this.picked(event.target, "photo"));
    on(".pick-file", "change", (event) => this.picked(event.target, "file"));
    this.input.addEventListener("input", () => this.measure());
    this.input.addEventListener("keydown", (event) => this.keyed(event));
    $(".emoji", this.root).append(...EMOJI.map((emoji) => makeButton(emoji, () => this.type(emoji))));
  }

  measure() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 116)}px`;
    const empty = !this.input.value.trim();
    const send = $(".send", this.root);
    send.setAttribute("aria-label", empty ? "Kirim pesan suara" : "Kirim");
    $("use", send).setAttribute("href", empty ? "#i-mic" : "#i-send");
  }

  keyed(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      if (this.input.value.trim()) this.submit();
    }
    if (event.key === "Escape" && this.editing) this.edit(null);
  }

  type(text) {
    this.input.setRangeText(text, this.input.selectionStart, this.input.selectionEnd, "end");
    this.measure();
    this.input.focus();
  }

  toggleEmoji() {
    const strip = $(".emoji", this.root);
    strip.hidden = !strip.hidden;
    $(".open-emoji", this.root).setAttribute("aria-expanded", String(!strip.hidden));
  }

  submit() {
    const text = this.input.value.trim();
    if (!text) return this.app.sendVoice();
    this.input.value = "";
    this.measure();
    if (!this.editing) return this.app.write(text);
    const entry = this.editing;
    this.edit(null);
    return this.app.change(entry, text);
  }

  edit(entry) {
    this.editing = entry;
    const bar = $(".editing", this.root);
    bar.hidden = !entry;
    this.input.value = entry ? entry.text : "";
    $("span", bar).textContent = entry ? brief(entry.text) : "";
    this.measure();
    if (entry) this.input.focus();
  }

  /** Files from disk; several photos at once are an album. What stands in the composer becomes the caption. */
  picked(input, kind) {
    const files = [...input.files];
    input.value = "";
    const large = files.find((file) => file.size > this.app.state.photo_limit);
    if (large) return this.app.toast(`${large.name} terlalu besar: paling banyak 20 MB.`);
    const album = kind === "photo" && files.length > 1 ? newId() : undefined;
    return files.forEach((file, index) => this.app.sendFile(kind, file, index === 0 ? this.caption() : "", album));
  }

  caption() {
    const text = this.editing ? "" : this.input.value.trim();
    if (text) this.input.value = "";
    return text;
  }
}
