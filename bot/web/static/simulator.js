// The simulator's page: two phones, a clock, and what happens between them. No framework, nothing from elsewhere.
// Read from the bottom: open() loads the state, makes the phones, and listens.

const DAY = 86_400_000;
const SETTLED = 400; // milliseconds after which a row that was drawn anew moves nothing any more
const LOOKS = { telegram: "Telegram", whatsapp: "WhatsApp" };
const EMOJI = ["🙏", "👍", "😊", "😂", "❤️", "✅", "1️⃣", "2️⃣"];
const KINDS = { photo: "Foto", file: "Berkas", voice: "Pesan suara", video: "Video", sticker: "Stiker", location: "Lokasi", contact: "Kontak" };

const $ = (selector, root = document) => root.querySelector(selector);
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** An element: make("p", { className: "x" }, "text", child). Text is always text, never markup. */
function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

function icon(name, className = "") {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.setAttribute("aria-hidden", "true");
  if (className) svg.setAttribute("class", className);
  svg.append(use);
  return svg;
}

/** 32 random hex digits; crypto.randomUUID is missing where the page is not on localhost. */
function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// --- time: everything is shown in the association's zone -------------------------------------------------------------

const clock = {
  ahead: 0, // milliseconds that the demo is ahead of this computer
  zone: 0, // milliseconds east of Greenwich
  set(iso) {
    this.ahead = Date.parse(iso) - Date.now();
    const [, sign, hours, minutes] = iso.match(/([+-])(\d\d):(\d\d)$/) ?? [0, "+", 0, 0];
    this.zone = (sign === "-" ? -1 : 1) * (hours * 60 + Number(minutes)) * 60_000;
  },
  now() {
    return Date.now() + this.ahead;
  },
};

const local = (moment) => new Date(moment + clock.zone); // its UTC fields tell the local time
const dayNumber = (moment) => Math.floor((moment + clock.zone) / DAY);
const timeOf = (moment) => local(moment).toISOString().slice(11, 16).replace(":", ".");
const dateOf = (moment, options) => new Intl.DateTimeFormat("id-ID", { timeZone: "UTC", ...options }).format(local(moment));
const longDate = (moment) => dateOf(moment, { weekday: "long", day: "numeric", month: "long", year: "numeric" });

function dayName(moment) {
  const ago = dayNumber(clock.now()) - dayNumber(moment);
  if (ago === 0) return "Hari ini";
  if (ago === 1) return "Kemarin";
  return dateOf(moment, { day: "numeric", month: "long", year: "numeric" });
}

// --- the wire --------------------------------------------------------------------------------------------------------

/** The server's refusal, in words for whoever sits here; anything else that goes wrong is a lost connection. */
class Refused extends Error {}

async function post(path, body) {
  const form = body instanceof FormData;
  const answer = await fetch(`/simulator/${path}`, {
    method: "POST",
    headers: form ? {} : { "Content-Type": "application/json" },
    body: form ? body : JSON.stringify(body),
  });
  const data = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(typeof data.detail === "string" ? data.detail : "Bot sedang bermasalah. Coba kirim lagi.");
  if (data.now) clock.set(data.now);
  return data;
}

// --- what happened, for whoever watches ------------------------------------------------------------------------------

function note(who, what) {
  const notes = $("#notes");
  const line = make("li", {}, make("time", {}, timeOf(clock.now())), make("span", {}, make("b", {}, who), " ", what));
  notes.prepend(line);
  while (notes.children.length > 80) notes.lastChild.remove();
  return line;
}

const brief = (text) => (text.length > 70 ? `${text.slice(0, 68).trimEnd()}…` : text).replace(/\s+/g, " ");

// --- pictures that nobody can take for real ones ---------------------------------------------------------------------

function canvasOf(width, height, paint) {
  const canvas = make("canvas", { width, height });
  paint(canvas.getContext("2d"), width, height);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.9));
}

function write(pen, text, x, y, font, color = "#16324f") {
  pen.font = font;
  pen.fillStyle = color;
  pen.fillText(text, x, y);
}

function stampAcross(pen, width, height, text) {
  pen.save();
  pen.translate(width / 2, height / 2);
  pen.rotate(-0.42);
  pen.textAlign = "center";
  const size = Math.round(Math.min(height * 0.23, width * 0.2));
  write(pen, text, 0, size / 3, `900 ${size}px sans-serif`, "rgb(192 57 43 / 42%)");
  pen.restore();
}

function sampleKtp(name) {
  return canvasOf(1012, 638, (pen, width, height) => {
    pen.fillStyle = "#d7ecf7";
    pen.fillRect(0, 0, width, height);
    pen.fillStyle = "rgb(255 255 255 / 45%)";
    for (let x = -height; x < width; x += 46) pen.fillRect(x, 0, 14, height);
    pen.textAlign = "center";
    write(pen, "PROVINSI CONTOH", width / 2, 62, "700 40px sans-serif");
    write(pen, "KOTA CONTOH", width / 2, 106, "700 32px sans-serif");
    pen.textAlign = "left";
    write(pen, "NIK : 5271014505870001", 44, 176, "700 40px monospace");
    const lines = [
      ["Nama", `${name.toUpperCase()} (CONTOH)`], ["Tempat/Tgl Lahir", "CONTOH, 05-05-1987"], ["Jenis Kelamin", "PEREMPUAN"],
      ["Alamat", "JL. CONTOH NO. 1"], ["Pekerjaan", "PEDAGANG"], ["Kewarganegaraan", "WNI"], ["Berlaku Hingga", "BUKAN KTP ASLI"],
    ];
    lines.forEach(([label, value], row) => {
      write(pen, label, 44, 240 + row * 52, "28px sans-serif");
      write(pen, `: ${value}`, 286, 240 + row * 52, "600 28px sans-serif");
    });
    paintFace(pen, width - 262, 208, 214, 276);
    stampAcross(pen, width, height, "CONTOH");
  });
}

function paintFace(pen, x, y, width, height) {
  pen.save();
  pen.fillStyle = "#b9452f";
  pen.fillRect(x, y, width, height);
  pen.beginPath();
  pen.rect(x, y, width, height);
  pen.clip();
  pen.fillStyle = "#f0d9c4";
  pen.beginPath();
  pen.arc(x + width / 2, y + height * 0.4, width * 0.25, 0, 7);
  pen.ellipse(x + width / 2, y + height * 1.02, width * 0.42, height * 0.33, 0, 0, 7);
  pen.fill();
  pen.restore();
}

function sampleReceipt(moment) {
  return canvasOf(640, 860, (pen, width, height) => {
    pen.fillStyle = "#fbfbf8";
    pen.fillRect(0, 0, width, height);
    pen.fillStyle = "#0e4f49";
    pen.fillRect(0, 0, width, 128);
    pen.textAlign = "center";
    write(pen, "BUKTI BAYAR (CONTOH)", width / 2, 80, "700 40px sans-serif", "#fff");
    write(pen, "✓", width / 2, 262, "700 110px sans-serif", "#1f8a5b");
    write(pen, "Pembayaran berhasil", width / 2, 330, "600 34px sans-serif");
    write(pen, "Rp8.400", width / 2, 408, "800 62px sans-serif");
    const lines = [
      ["Untuk", "BPJS Ketenagakerjaan BPU"], ["Tanggal", dateOf(moment, { day: "numeric", month: "long", year: "numeric" })],
      ["Pukul", timeOf(moment)], ["Referensi", "CONTOH-0001"],
    ];
    lines.forEach(([label, value], row) => {
      pen.textAlign = "left";
      write(pen, label, 52, 510 + row * 66, "28px sans-serif", "#5d6a66");
      pen.textAlign = "right";
      write(pen, value, width - 52, 510 + row * 66, "600 28px sans-serif");
    });
    stampAcross(pen, width, height, "CONTOH");
  });
}

/** One second of silence, 8 bits at 8 kHz. */
function sampleVoice() {
  const length = 8000;
  const wav = new DataView(new ArrayBuffer(44 + length));
  const letters = (at, text) => [...text].forEach((letter, index) => wav.setUint8(at + index, letter.charCodeAt(0)));
  letters(0, "RIFF"), letters(8, "WAVEfmt "), letters(36, "data");
  [[4, 36 + length], [16, 16], [24, 8000], [28, 8000], [40, length]].forEach(([at, value]) => wav.setUint32(at, value, true));
  [[20, 1], [22, 1], [32, 1], [34, 8]].forEach(([at, value]) => wav.setUint16(at, value, true));
  new Uint8Array(wav.buffer, 44).fill(128);
  return new Blob([wav.buffer], { type: "audio/wav" });
}

// --- drawing one entry of a chat -------------------------------------------------------------------------------------

/** Text with its web addresses as links. */
function linked(text) {
  const parts = text.split(/(https?:\/\/[^\s]+[^\s.,;:!?)\]])/);
  return parts.map((part, index) =>
    index % 2 ? make("a", { href: part, target: "_blank", rel: "noopener noreferrer" }, part) : part,
  );
}

function metaOf(entry) {
  const ticks = { waiting: ["clock", "wait"], sent: ["check"], read: ["checks"], failed: ["alert"] }[entry.status];
  const words = { waiting: "menunggu sinyal", sent: "terkirim", read: "diterima bot", failed: "gagal" }[entry.status];
  return make(
    "span", { className: "meta" },
    entry.edited ? "diedit" : null,
    make("time", {}, timeOf(entry.at)),
    entry.side === "me" ? icon(...ticks) : null,
    entry.side === "me" ? make("span", { className: "unseen" }, words) : null,
  );
}

function pictureOf(phone, source, alt) {
  const frame = make("button", { type: "button", className: "media" });
  const image = make("img", { src: source, alt });
  image.addEventListener("load", () => phone.stick());
  image.addEventListener("error", () => frame.replaceWith(broken(alt)));
  frame.addEventListener("click", () => phone.view(source, alt));
  frame.append(image);
  return frame;
}

const broken = (alt) => make("span", { className: "media broken" }, icon("photo"), alt);

function cardRow(name, title, below) {
  return make("div", { className: "card-row" }, make("i", {}, icon(name)), make("div", {}, make("b", {}, title), make("small", {}, below)));
}

function waveform() {
  const bars = [7, 12, 18, 10, 22, 15, 9, 19, 24, 13, 8, 16, 21, 11, 6, 14, 18, 9, 12, 7];
  const wave = make("div", { className: "wave" });
  for (const height of bars) {
    const bar = make("i");
    bar.style.height = `${height}px`;
    wave.append(bar);
  }
  return make("div", { className: "card-row" }, make("i", {}, icon("play")), make("div", {}, wave, make("small", {}, "0.03")));
}

function mapTile() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 236 118");
  svg.setAttribute("class", "map");
  const shapes = [
    ["#e8efe0", "M0 0h236v118H0z"], ["#bfe0ee", "M0 78c50-14 70 22 120 12s60-30 116-18v46H0z"], ["#cfe3b5", "M20 8h54v40H20z"],
    ["#fff", "M0 58 236 34v9L0 67zM104 0h9l14 118h-9zM170 0h7l-10 118h-7z"], ["#d2402b", "M118 66s-15-17-15-28a15 15 0 0 1 30 0c0 11-15 28-15 28z"],
    ["#fff", "M118 44a6 6 0 1 0 0-12 6 6 0 0 0 0 12z"],
  ];
  for (const [fill, d] of shapes) {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("fill", fill);
    path.setAttribute("d", d);
    svg.append(path);
  }
  return make("div", { className: "media" }, svg);
}

/** What an own message shows beside its text. */
function substanceOf(phone, entry) {
  const source = entry.picture || (entry.document && `/simulator/documents/${entry.document}`) || (entry.upload && `/simulator/uploads/${entry.upload}`);
  if (entry.kind === "photo") return source ? pictureOf(phone, source, "Foto yang dikirim") : broken("Foto");
  if (entry.kind === "voice") return waveform();
  if (entry.kind === "sticker") return make("div", { className: "big" }, "🙏");
  if (entry.kind === "location") return mapTile();
  if (entry.kind === "contact") return cardRow("person", entry.contact || "Kontak", "Kontak dibagikan");
  if (entry.kind === "file" || entry.kind === "video") return cardRow("file", entry.file || "Berkas", KINDS[entry.kind]);
  return null;
}

/** The rows of an own message; a tap in Telegram leaves none. */
function myRows(phone, entry) {
  if (entry.kind === "tap" && phone.look === "telegram") return [];
  const text = entry.text || (entry.kind === "location" ? "Lapak saya (contoh)" : "");
  const spoken = make("span", { className: "unseen" }, `${phone.info.name}: `);
  const body = make("div", { className: "bubble" }, spoken, substanceOf(phone, entry), text ? make("span", { className: "text" }, ...linked(text)) : null, metaOf(entry));
  const stack = make("div", { className: "stack" }, body);
  const bare = entry.kind === "sticker" ? " bare" : "";
  const row = make("div", { className: `row me ${entry.status}${bare}` }, stack);
  if (entry.kind === "text" || entry.kind === "edited") offerEdit(phone, entry, body);
  if (entry.status === "failed") stack.append(phone.button("Gagal. Kirim lagi", () => phone.again(entry), "retry"));
  return [row];
}

function offerEdit(phone, entry, body) {
  const open = () => phone.offer(entry);
  const options = make("button", { type: "button", className: "options" }, icon("more"));
  options.setAttribute("aria-label", "Pilihan pesan");
  options.addEventListener("click", open);
  body.append(options);
  let press = 0;
  body.addEventListener("pointerdown", (event) => { if (event.pointerType !== "mouse") press = setTimeout(open, 550); });
  for (const end of ["pointerup", "pointercancel", "pointermove"]) body.addEventListener(end, () => clearTimeout(press));
  body.addEventListener("contextmenu", (event) => { event.preventDefault(); clearTimeout(press); open(); });
}

/** The rows of a bot's message: one for each text, the buttons under the last. */
function botRows(phone, entry) {
  const fit = entry.looks[phone.look];
  return fit.texts.map((text, index) => {
    const first = index === 0, last = index === fit.texts.length - 1;
    const picture = first && entry.document ? pictureOf(phone, `/simulator/documents/${entry.document}`, "Gambar dari bot") : null;
    const spoken = first ? make("span", { className: "unseen" }, "Bot: ") : null;
    const body = make("div", { className: "bubble" }, spoken, picture, text ? make("span", { className: "text" }, ...linked(text)) : null, metaOf(entry));
    const stack = make("div", { className: "stack" }, body, last ? menuOf(phone, entry, fit) : null);
    return make("div", { className: "row bot" }, stack);
  });
}

function menuOf(phone, entry, fit) {
  if (!fit.menu || fit.menu === "keyboard") return null;
  const menu = make("div", { className: "menu", role: "group" });
  menu.dataset.menu = fit.menu;
  menu.setAttribute("aria-label", "Pilihan");
  if (fit.menu === "list") {
    const open = phone.button("Pilih", () => phone.openList(entry, fit.buttons));
    open.prepend(icon("list"));
    menu.append(open);
    return menu;
  }
  if (fit.buttons.length > 1 && fit.buttons.every((button) => button.label.length <= 13)) menu.classList.add("pairs");
  for (const choice of fit.buttons) {
    const button = phone.button(choice.label, () => phone.choose(entry, choice));
    if (fit.menu === "quick") button.prepend(icon("reply"));
    button.classList.toggle("pressed", entry.pressed === choice.data);
    button.classList.toggle("waiting", entry.pressing === choice.data);
    menu.append(button);
  }
  return menu;
}

// --- a phone ---------------------------------------------------------------------------------------------------------

class Phone {
  constructor(info, state) {
    this.info = info;
    this.state = state;
    this.look = localStorage.getItem(`look-${info.key}`) || info.look;
    this.entries = [];
    this.known = new Map();
    this.online = true;
    this.doubled = false;
    this.waiting = []; // messages of hers that have no signal yet
    this.held = []; // messages of ours that wait for her signal
    this.unread = 0;
    this.drawnAt = 0;
    this.root = $("#phone-template").content.cloneNode(true).firstElementChild;
    this.screen = $(".screen", this.root);
    this.log = $(".log", this.root);
    this.input = $("textarea", this.root);
    this.dress();
    this.wire();
    for (const entry of info.history) this.add(entry, { quiet: true });
    this.wear(this.look);
  }

  button(label, act, className = "") {
    const button = make("button", { type: "button", className }, label);
    button.addEventListener("click", () => act(button));
    return button;
  }

  dress() {
    const { name, role, key } = this.info;
    $(".face", this.root).textContent = name.split(/\s+/).map((word) => word[0]).join("").slice(0, 2).toUpperCase();
    $(".who h2", this.root).textContent = name;
    $(".who p", this.root).textContent = role;
    $(".chat-head h3", this.root).textContent = this.state.association;
    this.root.setAttribute("aria-label", `Ponsel ${role.toLowerCase()}: ${name}`);
    this.log.setAttribute("aria-label", `Obrolan ${name} dengan bot`);
    this.input.setAttribute("aria-label", `Pesan dari ${name}`);
    this.input.maxLength = this.state.text_limit;
    for (const radio of this.root.querySelectorAll(".switch input")) {
      radio.name = `look-${key}`;
      radio.addEventListener("change", () => this.wear(radio.value));
    }
  }

  wire() {
    const on = (selector, event, act) => $(selector, this.root).addEventListener(event, act);
    on(".composer", "submit", (event) => { event.preventDefault(); this.submit(); });
    on(".attach", "click", () => this.openGifts());
    on(".open-emoji", "click", () => this.toggleEmoji());
    on(".start", "click", () => this.write("/start"));
    on(".to-end", "click", () => this.toEnd());
    on(".editing button", "click", () => this.edit(null));
    on(".offline", "change", (event) => this.connect(!event.target.checked));
    on(".doubled", "change", (event) => this.double(event.target.checked));
    on(".pick-photo", "change", (event) => this.picked(event.target, "photo"));
    on(".pick-file", "change", (event) => this.picked(event.target, "file"));
    on(".veil", "click", (event) => { if (event.target === event.currentTarget) this.close(); });
    on(".veil", "keydown", (event) => this.keyInSheet(event));
    this.input.addEventListener("input", () => this.measure());
    this.input.addEventListener("keydown", (event) => this.keyInComposer(event));
    this.log.addEventListener("scroll", () => this.scrolled());
    new ResizeObserver(() => this.stick()).observe(this.log);
    $(".emoji", this.root).append(...EMOJI.map((emoji) => this.button(emoji, () => this.type(emoji))));
  }

  // looks

  wear(look) {
    this.look = look;
    localStorage.setItem(`look-${this.info.key}`, look);
    this.screen.dataset.look = look;
    $(`.switch input[value="${look}"]`, this.root).checked = true;
    this.input.placeholder = look === "telegram" ? "Pesan" : "Ketik pesan";
    this.draw();
    this.refresh();
  }

  /** What the passing of time changes: the status bar and WhatsApp's 24 hours. */
  tick() {
    $(".status-time", this.root).textContent = timeOf(clock.now());
    const spoke = this.entries.findLast((entry) => entry.side === "me" && entry.status === "read");
    const outside = this.entries.length > 0 && clock.now() - (spoke?.at ?? 0) > DAY;
    $(".window", this.root).hidden = !(this.look === "whatsapp" && outside);
  }

  /** What follows from what was said last: subtitle, window, keyboard, start button. */
  refresh() {
    const resting = this.look === "telegram" ? "bot" : "Akun bisnis";
    $(".chat-head p", this.root).textContent = !this.online ? "menunggu jaringan…" : this.typing ? "mengetik…" : resting;
    this.tick();
    const fresh = this.look === "telegram" && this.entries.length === 0;
    $(".start", this.root).hidden = !fresh;
    $(".composer", this.root).hidden = fresh;
    this.drawKeyboard();
    this.measure();
  }

  drawKeyboard() {
    const keyboard = $(".keyboard", this.root);
    const last = this.entries.findLast((entry) => entry.side === "bot");
    const fit = last?.looks[this.look];
    const shown = fit?.menu === "keyboard" && !last.answered;
    if (shown && keyboard.dataset.of !== last.id) {
      keyboard.replaceChildren(...fit.buttons.map((choice) => this.button(choice.label, () => this.pressKey(last, choice))));
      keyboard.dataset.of = last.id;
    }
    keyboard.hidden = !shown;
  }

  // entries

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
    if (this.entries.length === 0) this.log.append(this.empty());
    for (const entry of this.entries) this.append(entry, false);
    this.log.setAttribute("aria-busy", "false");
    this.toEnd(false);
  }

  append(entry, fresh = true) {
    $(".empty", this.log)?.remove();
    $(".typing", this.log)?.remove();
    const rows = (entry.side === "bot" ? botRows : myRows)(this, entry);
    entry.rows = rows;
    if (!rows.length) return;
    const day = dayNumber(entry.at);
    if (day !== this.drawnDay) this.log.append(make("div", { className: "day" }, dayName(entry.at)));
    this.drawnDay = day;
    if (fresh) rows.forEach((row) => row.classList.add("new"));
    this.log.append(...rows);
    if (this.typing) this.log.append(this.dots());
    if (!fresh) return;
    if (this.following || entry.side === "me") this.toEnd();
    else this.countUnread();
  }

  redraw(entry) {
    if (!entry.rows?.length) return;
    this.drawnAt = performance.now();
    const rows = (entry.side === "bot" ? botRows : myRows)(this, entry);
    const focused = entry.rows.some((row) => row.contains(document.activeElement));
    entry.rows[0].replaceWith(...rows);
    entry.rows.slice(1).forEach((row) => row.remove());
    entry.rows = rows;
    if (focused) rows.at(-1).querySelector("button")?.focus({ preventScroll: true });
  }

  empty() {
    const words = this.look === "telegram"
      ? ["Apa yang bisa bot ini lakukan?", "Membantu pedagang ikut BPJS Ketenagakerjaan lewat asosiasinya. Tekan MULAI."]
      : ["Akun bisnis asosiasi", "Ketik “halo” untuk mulai. Semua orang di simulator ini rekaan."];
    return make("div", { className: "empty" }, icon("logo"), make("b", {}, words[0]), words[1]);
  }

  dots() {
    const bubble = make("div", { className: "bubble" }, make("span", { className: "dots" }, make("i"), make("i"), make("i")));
    const row = make("div", { className: "row bot typing" }, make("div", { className: "stack" }, bubble));
    row.setAttribute("aria-hidden", "true");
    return row;
  }

  /** Show that the bot is busy; it stops by itself when no answer comes. */
  showTyping(busy) {
    clearTimeout(this.typingEnd);
    this.typing = busy && this.online;
    $(".typing", this.log)?.remove();
    if (this.typing) {
      this.log.append(this.dots());
      if (this.following) this.toEnd();
      this.typingEnd = setTimeout(() => this.showTyping(false), 6000);
    }
    this.refresh();
  }

  atEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 40;
  }

  toEnd(smooth = true) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.following = true;
    this.log.scrollTo({ top: this.log.scrollHeight, behavior: smooth && !calm ? "smooth" : "instant" });
    this.scrolled();
  }

  /** Stay at the end when something has grown or shrunk. */
  stick() {
    if (this.following) this.log.scrollTop = this.log.scrollHeight;
  }

  /** Only somebody who scrolls upwards leaves the end; a picture that arrives late, or a row drawn anew, does not. */
  scrolled() {
    const up = this.log.scrollTop < this.lastTop - 1 && performance.now() - this.drawnAt > SETTLED;
    this.lastTop = this.log.scrollTop;
    this.following = this.atEnd() || (this.following && !up);
    if (this.following) this.unread = 0;
    const button = $(".to-end", this.root);
    button.hidden = this.following;
    $("b", button).textContent = this.unread || "";
  }

  countUnread() {
    this.unread += 1;
    this.scrolled();
  }

  toast(text) {
    const snack = $(".snack", this.root);
    snack.textContent = text;
    snack.classList.add("up");
    clearTimeout(this.toastEnd);
    this.toastEnd = setTimeout(() => snack.classList.remove("up"), 4200);
  }

  // composing

  measure() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 116)}px`;
    const empty = !this.input.value.trim();
    const send = $(".send", this.root);
    send.setAttribute("aria-label", empty ? "Kirim pesan suara" : "Kirim");
    $("use", send).setAttribute("href", empty ? "#i-mic" : "#i-send");
  }

  keyInComposer(event) {
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
    if (!text) return this.sendVoice();
    this.input.value = "";
    this.measure();
    if (!this.editing) return this.write(text);
    const entry = this.editing;
    this.edit(null);
    return this.change(entry, text);
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

  // sending

  write(text) {
    this.put({ kind: "text", text });
  }

  change(entry, text) {
    if (text === entry.text) return;
    this.amend(entry, text);
    this.put({ kind: "edited", text, edits: entry.id }, { shown: entry });
  }

  /** A button was pressed: it shares her number, taps, or types its own label. */
  choose(entry, choice) {
    if (choice.contact) this.put({ kind: "contact", contact: this.info.number, own: true });
    else if (choice.data && entry.looks[this.look].menu !== "keyboard") this.tap(entry, choice);
    else this.write(choice.label);
  }

  tap(entry, choice) {
    entry.pressing = choice.data;
    this.redraw(entry);
    this.put({ kind: "tap", tap: choice.data, text: choice.label }, { done: () => this.pressed(entry, choice.data) });
  }

  pressed(entry, data) {
    entry.pressing = null;
    entry.pressed = data;
    this.redraw(entry);
  }

  pressKey(entry, choice) {
    entry.answered = true;
    this.choose(entry, choice);
    this.refresh();
  }

  async sendVoice() {
    this.put({ kind: "voice" }, { file: new File([sampleVoice()], "pesan-suara.wav", { type: "audio/wav" }) });
  }

  /** Files from disk; several photos at once are an album. What stands in the composer becomes the caption. */
  picked(input, kind) {
    const files = [...input.files];
    input.value = "";
    const large = files.find((file) => file.size > this.state.photo_limit);
    if (large) return this.toast(`${large.name} terlalu besar: paling banyak 20 MB.`);
    const album = kind === "photo" && files.length > 1 ? newId() : undefined;
    return files.forEach((file, index) => this.sendFile(kind, file, index === 0 ? this.caption() : "", album));
  }

  caption() {
    const text = this.editing ? "" : this.input.value.trim();
    if (text) this.input.value = "";
    return text;
  }

  sendFile(kind, file, text = "", album = undefined) {
    const picture = kind === "photo" ? URL.createObjectURL(file) : "";
    this.put({ kind, text, album }, { file, entry: { picture, file: file.name } });
  }

  async sendSample(name, blob) {
    this.sendFile("photo", new File([await blob], `${name}.jpg`, { type: "image/jpeg" }), this.caption());
  }

  /** Give a message to the phone: it is shown at once and leaves when there is a signal. */
  put(message, { file = null, entry = {}, shown = null, done = () => {} } = {}) {
    const payload = { ...message, id: newId(), phone: this.info.external_id, name: this.info.name, look: this.look };
    const mine = shown ?? this.add({ side: "me", at: clock.now(), status: "waiting", ...message, ...entry, id: payload.id });
    if (shown) this.known.set(payload.id, shown);
    const job = { payload, file, entry: mine, done };
    mine.job = job;
    this.waiting.push(job);
    if (!this.online) note(this.info.name, `tanpa sinyal: ${this.waiting.length} pesan menunggu di ponsel`);
    this.flush();
  }

  again(entry) {
    this.mark(entry, "waiting");
    this.waiting.push(entry.job);
    this.flush();
  }

  /** Send what waits, in order and one at a time, as long as there is a signal. */
  async flush() {
    if (this.flushing) return;
    this.flushing = true;
    while (this.online && this.waiting.length) {
      const job = this.waiting[0];
      if (await this.deliver(job)) this.waiting.shift();
      else await sleep(2000);
    }
    this.flushing = false;
    this.refresh();
  }

  /** One message to the server; false when the connection broke and it must wait. */
  async deliver(job) {
    const { payload, file, entry } = job;
    this.mark(entry, "sent");
    this.showTyping(true);
    try {
      payload.look = this.look;
      if (file && !payload.attachment) payload.attachment = await this.upload(file);
      const [answer, ...more] = await Promise.all(this.doubled ? [post("send", payload), post("send", payload)] : [post("send", payload)]);
      this.mark(entry, "read");
      this.told(payload, more.length > 0);
      const notice = [answer, ...more].map((one) => one.notice).find(Boolean);
      if (notice) this.toast(notice);
    } catch (error) {
      if (!(error instanceof Refused)) { this.mark(entry, "waiting"); this.showTyping(false); return false; }
      this.mark(entry, "failed");
      this.showTyping(false);
      this.toast(error.message);
      note(this.info.name, `gagal: ${error.message}`);
    }
    job.done();
    return true;
  }

  async upload(file) {
    const form = new FormData();
    form.append("photo", file);
    return post("photo", form);
  }

  told(payload, doubled) {
    const what = payload.kind === "tap" ? `menekan “${brief(payload.text)}”`
      : payload.kind === "edited" ? `mengubah pesan: ${brief(payload.text)}`
      : payload.kind === "text" ? `menulis: ${brief(payload.text)}`
      : `mengirim ${KINDS[payload.kind].toLowerCase()}`;
    note(this.info.name, what + (doubled ? " (sampai 2 kali)" : ""));
  }

  // signal

  connect(online) {
    this.online = online;
    $(".signal use", this.root).setAttribute("href", online ? "#i-signal" : "#i-no-signal");
    if (!online) this.showTyping(false);
    note(this.info.name, online ? `sinyal kembali: ${this.waiting.length} pesan dikirim, ${this.held.length} masuk` : "kehilangan sinyal");
    for (const entry of online ? this.held.splice(0) : []) this.receive(entry);
    this.refresh();
    this.flush();
  }

  double(doubled) {
    this.doubled = doubled;
    note(this.info.name, doubled ? "mengirim setiap pesan dua kali" : "mengirim seperti biasa");
  }

  /** One entry from the server. */
  receive(raw) {
    if (!this.online && raw.side === "bot") return void this.held.push(raw);
    if (raw.side === "bot" && !this.known.has(raw.id)) {
      this.showTyping(false);
      note("Bot", `→ ${this.info.name}: ${brief(raw.looks[this.look].texts.join(" ") || "gambar")}`);
      this.onNews?.();
    }
    this.add(raw);
    return this.refresh();
  }

  // sheets

  show(sheet, focus) {
    this.back = document.activeElement;
    $(".veil", this.root).replaceChildren(sheet);
    $(".veil", this.root).hidden = false;
    $(".app", this.root).inert = true;
    (focus ?? $("button", sheet)).focus({ preventScroll: true });
  }

  close() {
    if ($(".veil", this.root).hidden) return;
    $(".veil", this.root).hidden = true;
    $(".veil", this.root).classList.remove("viewer");
    $(".app", this.root).inert = false;
    if (this.back?.isConnected) this.back.focus({ preventScroll: true });
  }

  /** Escape closes; Tab stays inside. */
  keyInSheet(event) {
    if (event.key === "Escape") this.close();
    if (event.key !== "Tab") return;
    const buttons = [...$(".veil", this.root).querySelectorAll("button")];
    const edge = event.shiftKey ? buttons[0] : buttons.at(-1);
    if (document.activeElement !== edge) return;
    event.preventDefault();
    (event.shiftKey ? buttons.at(-1) : buttons[0]).focus();
  }

  sheet(title, body) {
    const close = this.button("", () => this.close());
    close.append(icon("close"));
    close.setAttribute("aria-label", "Tutup");
    const sheet = make("div", { className: "sheet", role: "dialog" }, make("header", {}, make("h3", {}, title), close), body);
    sheet.setAttribute("aria-modal", "true");
    sheet.setAttribute("aria-label", title);
    this.show(sheet, $("button", body));
  }

  /** A row of a sheet: pressing it closes the sheet and acts. */
  rowOf(content, act) {
    const row = this.button("", () => { this.close(); act(); });
    row.append(...content);
    return row;
  }

  openList(entry, buttons) {
    const rows = make("div", { className: "rows" });
    for (const choice of buttons) {
      const below = choice.description ? make("small", {}, choice.description) : null;
      rows.append(this.rowOf([make("span", {}, choice.label, ...(below ? [below] : [])), make("i")], () => this.choose(entry, choice)));
    }
    this.sheet("Pilih", rows);
  }

  offer(entry) {
    this.sheet("Pesan ini", make("div", { className: "rows" }, this.rowOf([icon("pencil"), make("span", {}, "Ubah pesan")], () => this.edit(entry))));
  }

  openGifts() {
    const stranger = "+62 812-0000-0099";
    const gifts = [
      ["photo", "Foto", "#8a4fd0", () => $(".pick-photo", this.root).click()],
      ["card", "Contoh KTP", "#2d7dd2", () => this.sendSample("contoh-ktp", sampleKtp(this.info.name))],
      ["receipt", "Contoh bukti bayar", "#0b8f6a", () => this.sendSample("contoh-bukti", sampleReceipt(clock.now()))],
      ["file", "Berkas", "#5f66cd", () => $(".pick-file", this.root).click()],
      ["mic", "Pesan suara", "#d9822b", () => this.sendVoice()],
      ["sticker", "Stiker", "#c2426f", () => this.put({ kind: "sticker" })],
      ["pin", "Lokasi", "#2e9150", () => this.put({ kind: "location" })],
      ["person", "Kontak orang lain", "#5d6f7b", () => this.put({ kind: "contact", contact: stranger, own: false })],
    ];
    const grid = make("div", { className: "gifts" });
    for (const [name, label, tint, act] of gifts) {
      const dot = make("i", {}, icon(name));
      dot.style.setProperty("--tint", tint);
      grid.append(this.rowOf([dot, label], act));
    }
    this.sheet("Lampirkan", grid);
  }

  view(source, alt) {
    const close = this.button("", () => this.close());
    close.append(icon("close"));
    close.setAttribute("aria-label", "Tutup gambar");
    $(".veil", this.root).classList.add("viewer");
    const frame = make("div", { role: "dialog" }, make("img", { src: source, alt }), close);
    frame.setAttribute("aria-modal", "true");
    frame.setAttribute("aria-label", alt);
    this.show(frame, close);
  }
}

// --- the desk --------------------------------------------------------------------------------------------------------

const PARTS = [[5, "malam"], [7, "fajar"], [16, "siang"], [19, "sore"], [24, "malam"]];

/** Clock, sky and status bars; cheap enough for every second. */
function showTime(phones) {
  const now = clock.now();
  const hour = local(now).getUTCHours() + local(now).getUTCMinutes() / 60;
  const night = hour < 5.5 || hour >= 18.5;
  const across = night ? ((hour + 5.5) % 24) / 11 : (hour - 5.5) / 13;
  const card = $("#clock");
  card.dataset.part = PARTS.find(([until]) => hour < until)[1];
  card.style.setProperty("--across", (0.06 + 0.88 * across).toFixed(3));
  card.style.setProperty("--height", Math.sin(Math.PI * across).toFixed(3));
  $("#clock-time").textContent = timeOf(now);
  $("#clock-date").textContent = longDate(now);
  $("#clock-chip-text").textContent = `${dateOf(now, { day: "numeric", month: "short" })} ${timeOf(now)}`;
  offerTomorrow(now);
  const first = local(now);
  first.setUTCMonth(first.getUTCMonth() + 1, 1);
  $("#next-month").textContent = dateOf(first.getTime() - clock.zone, { day: "numeric", month: "long" });
  phones.forEach((phone) => phone.tick());
  if (showTime.day !== dayNumber(now)) phones.forEach((phone) => phone.draw()); // "Hari ini" is another day now
  showTime.day = dayNumber(now);
}

/** The field for a chosen time never stands in the past. */
function offerTomorrow(now) {
  const field = $("#goto-time");
  field.min = local(now).toISOString().slice(0, 16);
  const untouched = document.activeElement !== field && field.value <= field.min;
  if (untouched) field.value = `${local(now + DAY).toISOString().slice(0, 10)}T08:00`;
}

async function moveClock(body, phones) {
  const card = $("#clock");
  if (card.getAttribute("aria-busy") === "true") return;
  card.setAttribute("aria-busy", "true");
  $("#clock-error").textContent = "";
  const line = note("Jam", "dimajukan…"); // noted first: what falls due arrives before the answer
  try {
    await post("clock", body);
    $("time", line).textContent = timeOf(clock.now());
    $("span", line).lastChild.textContent = `maju ke ${longDate(clock.now())}`;
  } catch (error) {
    line.remove();
    $("#clock-error").textContent = error instanceof Refused ? error.message : "Server tidak menjawab. Coba lagi.";
  }
  card.setAttribute("aria-busy", "false");
  showTime(phones);
}

function wireClock(phones) {
  for (const button of document.querySelectorAll("#steps button")) {
    button.addEventListener("click", () => moveClock({ step: button.dataset.step }, phones));
  }
  $("#goto").addEventListener("submit", (event) => {
    event.preventDefault();
    moveClock({ to: $("#goto-time").value }, phones);
  });
}

function offerTries(phones) {
  const lines = phones.filter((phone) => phone.info.tries.length).map((phone) => {
    const words = phone.info.tries.map((word) => phone.button(word, () => { showPhone(phones, phone); phone.write(word); }));
    return make("p", {}, make("b", {}, phone.info.role), ...words);
  });
  $("#tries").replaceChildren(...lines);
  $(".tries").hidden = lines.length === 0;
}

// small screens: one phone at a time, the desk behind the clock

function showPhone(phones, shown) {
  for (const phone of phones) {
    phone.root.classList.toggle("shown", phone === shown);
    phone.tab.setAttribute("aria-pressed", String(phone === shown));
  }
  $("b", shown.tab).textContent = "";
  openDesk(false);
  shown.draw();
  shown.measure();
}

function wireTabs(phones) {
  for (const phone of phones) {
    phone.tab = phone.button(`${phone.info.role} · ${phone.info.name.split(" ")[0]}`, () => showPhone(phones, phone));
    phone.tab.append(make("b"));
    phone.onNews = () => {
      if (phone.root.classList.contains("shown")) return;
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

// --- listening -------------------------------------------------------------------------------------------------------

function listen(phones) {
  const byId = new Map(phones.map((phone) => [phone.info.external_id, phone]));
  const query = phones.map((phone) => `phone=${encodeURIComponent(phone.info.external_id)}`).join("&");
  const events = new EventSource(`/simulator/events?${query}`);
  events.addEventListener("hello", (event) => {
    const { run, now } = JSON.parse(event.data);
    if (listen.run && listen.run !== run) location.reload(); // the demo began anew
    listen.run = run;
    clock.set(now);
    $("#lost").hidden = true;
  });
  events.addEventListener("message", (event) => {
    const { phone, now, ...entry } = JSON.parse(event.data);
    clock.set(now);
    byId.get(phone)?.receive(entry);
  });
  events.addEventListener("clock", (event) => {
    clock.set(JSON.parse(event.data).now);
    showTime(phones);
  });
  events.addEventListener("error", () => {
    $("#lost").hidden = false;
    if (events.readyState === EventSource.CLOSED) setTimeout(() => listen(phones), 3000);
  });
}

/** The state; asked for until the server answers. */
async function load() {
  for (;;) {
    try {
      const answer = await fetch("/simulator/state");
      if (answer.ok) return await answer.json();
    } catch { /* the server is not there yet */ }
    $("#lost").hidden = false;
    await sleep(2000);
  }
}

const link = ({ label, href }) => make("a", { href, target: "_blank", rel: "noopener" }, label, icon("out"));

async function open() {
  const state = await load();
  clock.set(state.now);
  $("#association").textContent = state.association;
  $("#clock-zone").textContent = state.zone;
  document.title = `${state.association} · Simulator JagaLapak`;
  for (const nav of document.querySelectorAll(".places")) nav.append(...state.places.map(link));
  const phones = state.phones.map((info) => new Phone(info, state));
  $("#desk").before(phones[0].root);
  $("#stage").append(...phones.slice(1).map((phone) => phone.root));
  wireTabs(phones);
  wireClock(phones);
  offerTries(phones);
  showTime(phones);
  setInterval(() => showTime(phones), 1000);
  listen(phones);
}

open();
