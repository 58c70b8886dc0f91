// The browser inside an app: a page of ours opens on the phone itself, over the chat, and makes room when it is done.

import { icon, make, makeButton } from "./elements.js";

const LOOK = 400; // milliseconds between looks whether the page says thanks
const READ = 2600; // milliseconds to read that

export class Browser {
  constructor(app) {
    this.app = app;
  }

  /** Whether a link leads to a page of ours. */
  opens(address) {
    const { pages } = this.app.state;
    return pages !== "" && address.startsWith(`${pages}/`);
  }

  open(address) {
    const path = address.slice(this.app.state.pages.length); // under the very name by which this page was opened
    this.frame = make("iframe", { src: path, title: "Halaman asosiasi" });
    this.title = make("b", {}, "Membuka…");
    const close = makeButton("", () => this.app.sheets.close());
    close.append(icon("close"));
    close.setAttribute("aria-label", "Tutup halaman");
    const shown = address.replace(/^https?:\/\//, "");
    const bar = make("header", {}, close, make("div", {}, this.title, make("small", {}, icon("page"), make("span", {}, shown))));
    const page = make("div", { className: "browser", role: "dialog" }, bar, this.frame);
    page.setAttribute("aria-modal", "true");
    page.setAttribute("aria-label", "Halaman asosiasi");
    this.frame.addEventListener("load", () => { this.title.textContent = this.frame.contentDocument?.title || "Halaman"; });
    this.app.sheets.show(page, { focus: close, className: "browsing", closed: () => clearInterval(this.watch) });
    this.app.phone.hideBanner();
    this.watch = setInterval(() => this.lookForThanks(), LOOK);
  }

  /** Once the page says thanks there is nothing more to do on it. */
  lookForThanks() {
    const thanks = this.frame.contentDocument?.querySelector(".said.done");
    if (!thanks?.getClientRects().length) return;
    clearInterval(this.watch);
    this.title.textContent = "Terkirim, kembali ke chat…";
    const { frame } = this;
    setTimeout(() => { if (frame.isConnected) this.app.sheets.close(); }, READ);
  }
}
