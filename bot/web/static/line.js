// An app's line to the server: what waits for a signal, on her side and on ours, and what goes twice.

import { KINDS } from "./bubble.js";
import { brief, note } from "./notes.js";
import { clock } from "./time.js";
import { newId, post, Refused, sleep, upload } from "./wire.js";

export class Line {
  constructor(app) {
    this.app = app;
    this.flushing = false;
    this.waiting = []; // messages of hers that have no signal yet
    this.held = []; // messages of ours that wait for her signal
  }

  /** Give a message to the app: it is shown at once and leaves when there is a signal. */
  put(message, { file = null, entry = {}, shown = null, done = () => {} } = {}) {
    const { info, look, chat, phone } = this.app;
    const payload = { ...message, id: newId(), phone: info.key, name: info.name, look };
    const mine = shown ?? chat.add({ side: "me", at: clock.now(), status: "waiting", ...message, ...entry, id: payload.id });
    if (shown) chat.known.set(payload.id, shown);
    const job = { payload, file, entry: mine, done };
    mine.job = job;
    this.waiting.push(job);
    if (!phone.online) note(info.name, `tanpa sinyal: ${this.waiting.length} pesan menunggu di ponsel`);
    this.flush();
  }

  again(entry) {
    this.app.chat.mark(entry, "waiting");
    this.waiting.push(entry.job);
    this.flush();
  }

  /** Send what waits, in order and one at a time, as long as there is a signal. */
  async flush() {
    if (this.flushing) return;
    this.flushing = true;
    while (this.app.phone.online && this.waiting.length) {
      const job = this.waiting[0];
      if (await this.deliver(job)) this.waiting.shift();
      else await sleep(2000);
    }
    this.flushing = false;
    this.app.refresh();
  }

  /** One message to the server; false when the connection broke and it must wait. */
  async deliver(job) {
    const { app, app: { chat } } = this;
    chat.mark(job.entry, "sent");
    chat.showTyping(true);
    try {
      const answers = await this.send(job);
      chat.mark(job.entry, "read");
      this.told(job.payload, answers.length > 1);
      const notice = answers.map((answer) => answer.notice).find(Boolean);
      if (notice) app.toast(notice);
    } catch (error) {
      const refused = error instanceof Refused;
      chat.mark(job.entry, refused ? "failed" : "waiting");
      chat.showTyping(false);
      if (!refused) return false;
      app.toast(error.message);
      note(app.info.name, `gagal: ${error.message}`);
    }
    job.done();
    return true;
  }

  /** The server's answers: one, or two where every message is sent twice. */
  async send({ payload, file }) {
    if (file && !payload.attachment) payload.attachment = await upload(file);
    return Promise.all(this.app.phone.doubled ? [post("send", payload), post("send", payload)] : [post("send", payload)]);
  }

  told(payload, doubled) {
    const what = payload.kind === "tap" ? `menekan “${brief(payload.text)}”`
      : payload.kind === "edited" ? `mengubah pesan: ${brief(payload.text)}`
      : payload.kind === "text" ? `menulis: ${brief(payload.text)}`
      : `mengirim ${KINDS[payload.kind].toLowerCase()}`;
    note(this.app.info.name, what + (doubled ? " (sampai 2 kali)" : ""));
  }

  /** The phone's signal came or went. */
  connect() {
    const { app, app: { phone: { online } } } = this;
    if (!online) app.chat.showTyping(false);
    for (const entry of online ? this.held.splice(0) : []) this.receive(entry);
    app.refresh();
    this.flush();
  }

  /** One entry from the server. */
  receive(raw) {
    const { app, app: { chat, phone } } = this;
    if (!phone.online && raw.side === "bot") return void this.held.push(raw);
    if (raw.side === "bot" && !raw.edits && !chat.known.has(raw.id)) { // what is only changed is no news
      chat.showTyping(false);
      phone.hear(app, raw.text || (raw.file ? "berkas" : "gambar"));
    }
    chat.add(raw);
    return app.refresh();
  }
}
