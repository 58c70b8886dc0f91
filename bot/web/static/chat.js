// An app's chat: what was said, drawn in its log, which follows the end as long as nobody scrolls away from it.

import { emptyChat, rowOf, typingRow } from "./bubble.js";
import { $, make } from "./elements.js";
import { dayName, dayNumber } from "./time.js";

const SETTLED = 400; // milliseconds after which a row that was drawn anew moves nothing any more

export class Chat {
  constructor(app) {
    this.app = app;
    this.entries = []; // the oldest first
    this.known = new Map(); // by id
    this.typing = false;
    this.following = true;
    this.unread = 0;
    this.lastTop = 0;
    this.drawnAt = 0;
    this.drawnDay = null;
    this.log = $(".log", app.root);
    this.down = $(".to-end", app.root);
    this.notice = make("p", { className: "notice", hidden: true }); // the system's own words, below all others
    this.log.addEventListener("scroll", () => this.scrolled());
    this.down.addEventListener("click", () => this.toEnd());
    new ResizeObserver(() => this.stick()).observe(this.log);
  }

  /** Take one entry into the chat, unless it is known; `quiet` when the chat is drawn later anyway. */
  add(raw, { quiet = false } = {}) {
    if (this.known.has(raw.id)) return null;
    const entry = { status: "read", ...raw, at: typeof raw.at === "string" ? Date.parse(raw.at) : raw.at };
    this.known.set(entry.id, entry);
    if (entry.edits && this.known.has(entry.edits)) return this.amend(this.known.get(entry.edits), entry.text);
    if (entry.kind === "edited") entry.edited = true;
    const last = this.entries.at(-1);
    const late = last && entry.at < last.at - 2000;
    this.entries.push(entry);
    if (late) this.entries.sort((one, other) => one.at - other.at);
    if (!quiet) late ? this.draw() : this.append(entry);
    return entry;
  }

  amend(entry, text) {
    entry.text = text;
    entry.edited = true;
    this.redraw(entry);
    return entry;
  }

  mark(entry, status, trouble = "") {
    entry.status = status;
    entry.trouble = trouble;
    this.redraw(entry);
  }

  // drawing

  draw() {
    this.log.setAttribute("aria-busy", "true");
    this.log.replaceChildren();
    this.drawnDay = null;
    if (this.entries.length === 0) this.log.append(emptyChat(this.app.look));
    for (const entry of this.entries) this.append(entry, false);
    this.log.append(this.notice);
    this.log.setAttribute("aria-busy", "false");
    this.settle();
  }

  /** What the system says at the end of the chat; nothing when `words` are empty. */
  tell(words) {
    if (this.notice.textContent === words) return;
    this.notice.textContent = words;
    this.notice.hidden = !words;
    this.stick();
  }

  append(entry, fresh = true) {
    $(".empty", this.log)?.remove();
    $(".typing", this.log)?.remove();
    const row = rowOf(this.app, entry);
    entry.row = row;
    if (!row) return;
    const day = dayNumber(entry.at);
    if (day !== this.drawnDay) this.log.append(make("div", { className: "day" }, dayName(entry.at)));
    this.drawnDay = day;
    if (fresh) row.classList.add("new");
    this.log.append(row);
    if (this.typing) this.log.append(typingRow());
    this.log.append(this.notice);
    if (!fresh) return;
    if (this.following || entry.side === "me") this.toEnd();
    else this.countUnread();
  }

  redraw(entry) {
    if (!entry.row) return;
    this.drawnAt = performance.now();
    const row = rowOf(this.app, entry);
    const focused = entry.row.contains(document.activeElement);
    entry.row.replaceWith(row);
    entry.row = row;
    if (focused) row.querySelector("button")?.focus({ preventScroll: true });
  }

  /** Show that the bot is busy; it stops by itself when no answer comes. */
  showTyping(busy) {
    clearTimeout(this.typingEnd);
    this.typing = busy && this.app.phone.online;
    $(".typing", this.log)?.remove();
    if (this.typing) {
      this.notice.before(typingRow());
      if (this.following) this.toEnd();
      this.typingEnd = setTimeout(() => this.showTyping(false), 6000);
    }
    this.app.refresh();
  }

  // following what is new

  atEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 40;
  }

  toEnd(smooth = true) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.following = true;
    this.log.scrollTo({ top: this.log.scrollHeight, behavior: smooth && !calm ? "smooth" : "instant" });
    this.scrolled();
  }

  /** Back to where one was, after nothing could be measured for a while. */
  settle() {
    this.log.scrollTop = this.following ? this.log.scrollHeight : this.lastTop;
    this.scrolled();
  }

  /** Stay at the end when something has grown or shrunk. */
  stick() {
    if (this.following) this.log.scrollTop = this.log.scrollHeight;
  }

  /** Only somebody who scrolls upwards leaves the end; a picture that arrives late, or a row drawn anew, does not. */
  scrolled() {
    if (!this.log.clientHeight) return; // out of sight
    const up = this.log.scrollTop < this.lastTop - 1 && performance.now() - this.drawnAt > SETTLED;
    this.lastTop = this.log.scrollTop;
    this.following = this.atEnd() || (this.following && !up);
    if (this.following) this.unread = 0;
    this.down.hidden = this.following;
    $("b", this.down).textContent = this.unread || "";
  }

  countUnread() {
    this.unread += 1;
    this.scrolled();
  }
}
