// Drawing one entry of a chat: its row, as the app shows it.

import { icon, make, makeButton } from "./elements.js";
import { timeOf } from "./time.js";

export const KINDS = { photo: "Foto", file: "Berkas", voice: "Pesan suara", video: "Video", sticker: "Stiker", location: "Lokasi", contact: "Kontak" };

const TELLS_EDITS = new Set(["telegram"]); // WhatsApp through Twilio does not tell a bot what was changed

/** The row of an entry; null for what this app does not show. */
export const rowOf = (app, entry) => (entry.side === "bot" ? botRow : myRow)(app, entry);

/** What a chat shows before the first word. */
export function emptyChat(look) {
  const words = look === "telegram"
    ? ["Apa yang bisa bot ini lakukan?", "Membantu pedagang ikut BPJS Ketenagakerjaan lewat asosiasinya. Tekan MULAI."]
    : ["Akun bisnis asosiasi", "Ketik “halo” untuk mulai. Semua orang di simulator ini rekaan."];
  return make("div", { className: "empty" }, icon("logo"), make("b", {}, words[0]), words[1]);
}

/** Three dots: the bot is busy. */
export function typingRow() {
  const bubble = make("div", { className: "bubble" }, make("span", { className: "dots" }, make("i"), make("i"), make("i")));
  const row = make("div", { className: "row bot typing" }, make("div", { className: "stack" }, bubble));
  row.setAttribute("aria-hidden", "true");
  return row;
}

/** Text with its web addresses as links; a page of ours opens on the phone itself. */
function linked(app, text) {
  const parts = text.split(/(https?:\/\/[^\s]+[^\s.,;:!?)\]])/);
  return parts.map((part, index) => (index % 2 ? linkTo(app, part) : part));
}

function linkTo(app, address) {
  const link = make("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, address);
  if (!app.browser.opens(address)) return link;
  link.addEventListener("click", (event) => { event.preventDefault(); app.browser.open(address); });
  return link;
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

function pictureOf(app, source, alt) {
  const frame = make("button", { type: "button", className: "media" });
  const image = make("img", { src: source, alt });
  image.addEventListener("load", () => app.chat.stick());
  image.addEventListener("error", () => frame.replaceWith(broken(alt)));
  frame.addEventListener("click", () => app.sheets.view(source, alt));
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
function substanceOf(app, entry) {
  const source = entry.picture || (entry.document && `/simulator/documents/${entry.document}`) || (entry.upload && `/simulator/uploads/${entry.upload}`);
  if (entry.kind === "photo") return source ? pictureOf(app, source, "Foto yang dikirim") : broken("Foto");
  if (entry.kind === "voice") return waveform();
  if (entry.kind === "sticker") return make("div", { className: "big" }, "🙏");
  if (entry.kind === "location") return mapTile();
  if (entry.kind === "contact") return cardRow("person", entry.contact || "Kontak", "Kontak dibagikan");
  if (entry.kind === "file" || entry.kind === "video") return cardRow("file", entry.file || "Berkas", KINDS[entry.kind]);
  return null;
}

/** The row of an own message; a tap in Telegram leaves none. */
function myRow(app, entry) {
  if (entry.kind === "tap" && app.look === "telegram") return null;
  const text = entry.text || (entry.kind === "location" ? "Lapak saya (contoh)" : "");
  const body = make("div", { className: "bubble" }, unseen(`${app.info.name}: `), substanceOf(app, entry), wordsOf(app, text), metaOf(entry));
  const stack = make("div", { className: "stack" }, body);
  const bare = entry.kind === "sticker" ? " bare" : "";
  const row = make("div", { className: `row me ${entry.status}${bare}` }, stack);
  if (TELLS_EDITS.has(app.look) && (entry.kind === "text" || entry.kind === "edited")) offerEdit(app, entry, body);
  if (entry.status === "failed") stack.append(makeButton("Gagal. Kirim lagi", () => app.line.again(entry), "retry"));
  return row;
}

const unseen = (words) => make("span", { className: "unseen" }, words);
const wordsOf = (app, text) => (text ? make("span", { className: "text" }, ...linked(app, text)) : null);

function offerEdit(app, entry, body) {
  const open = () => app.sheets.offer(entry);
  const options = make("button", { type: "button", className: "options" }, icon("more"));
  options.setAttribute("aria-label", "Pilihan pesan");
  options.addEventListener("click", open);
  body.append(options);
  let press = 0;
  body.addEventListener("pointerdown", (event) => { if (event.pointerType !== "mouse") press = setTimeout(open, 550); });
  for (const end of ["pointerup", "pointercancel", "pointermove"]) body.addEventListener(end, () => clearTimeout(press));
  body.addEventListener("contextmenu", (event) => { event.preventDefault(); clearTimeout(press); open(); });
}

/** The row of a bot's message, its buttons under it. */
function botRow(app, entry) {
  const body = make("div", { className: "bubble" }, unseen("Bot: "), shownWith(entry, app), wordsOf(app, entry.text), metaOf(entry));
  return make("div", { className: "row bot" }, make("div", { className: "stack" }, body, menuOf(app, entry)));
}

/** The picture above the words, or the file that is to be kept. */
function shownWith(entry, app) {
  if (!entry.document) return null;
  const source = `/simulator/documents/${entry.document}`;
  return entry.file ? fileAt(`${source}?file=true`) : pictureOf(app, source, "Gambar dari bot");
}

function fileAt(address) {
  const link = make("a", { href: address, target: "_blank", rel: "noopener noreferrer", className: "file" });
  link.append(cardRow("file", "Berkas PDF", "Buka"));
  return link;
}

function menuOf(app, entry) {
  if (!entry.menu || entry.menu === "keyboard") return null;
  const menu = make("div", { className: "menu", role: "group" });
  menu.dataset.menu = entry.menu;
  menu.setAttribute("aria-label", "Pilihan");
  if (entry.menu === "list") {
    const open = makeButton("Pilih / Choose", () => app.sheets.openList(entry));
    open.prepend(icon("list"));
    menu.append(open);
    return menu;
  }
  if (entry.buttons.length > 1 && entry.buttons.every((button) => button.label.length <= 13)) menu.classList.add("pairs");
  for (const choice of entry.buttons) {
    const button = makeButton(choice.label, () => app.choose(entry, choice));
    if (entry.menu === "quick") button.prepend(icon("reply"));
    button.classList.toggle("pressed", entry.pressed === choice.data);
    button.classList.toggle("waiting", entry.pressing === choice.data);
    menu.append(button);
  }
  return menu;
}
