// Samples to send: pictures that nobody can take for real ones, and a second of silence.

import { make } from "./elements.js";
import { dateOf, timeOf } from "./time.js";

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

/** Everybody's card has a number of its own: it ends as her phone number does. */
export function sampleKtp({ name, number }) {
  return canvasOf(1012, 638, (pen, width, height) => {
    pen.fillStyle = "#d7ecf7";
    pen.fillRect(0, 0, width, height);
    pen.fillStyle = "rgb(255 255 255 / 45%)";
    for (let x = -height; x < width; x += 46) pen.fillRect(x, 0, 14, height);
    pen.textAlign = "center";
    write(pen, "PROVINSI CONTOH", width / 2, 62, "700 40px sans-serif");
    write(pen, "KOTA CONTOH", width / 2, 106, "700 32px sans-serif");
    pen.textAlign = "left";
    write(pen, `NIK : 527101450587${number.replace(/\D/g, "").slice(-4)}`, 44, 176, "700 40px monospace");
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

/** No two are alike: paper and reference differ, as they do in life. */
export function sampleReceipt(moment, amount) {
  const reference = String(Math.floor(Math.random() * 10_000)).padStart(4, "0");
  return canvasOf(640, 860, (pen, width, height) => {
    paintPaper(pen, width, height);
    pen.fillStyle = "#0e4f49";
    pen.fillRect(0, 0, width, 128);
    pen.textAlign = "center";
    write(pen, "BUKTI BAYAR (CONTOH)", width / 2, 80, "700 40px sans-serif", "#fff");
    write(pen, "✓", width / 2, 262, "700 110px sans-serif", "#1f8a5b");
    write(pen, "Pembayaran berhasil", width / 2, 330, "600 34px sans-serif");
    write(pen, amount, width / 2, 408, "800 62px sans-serif");
    const lines = [
      ["Untuk", "BPJS Ketenagakerjaan BPU"], ["Tanggal", dateOf(moment, { day: "numeric", month: "long", year: "numeric" })],
      ["Pukul", timeOf(moment)], ["Referensi", `CONTOH${reference}`],
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

/** Squares in pale shades, never twice the same: the bot compares pictures, and would take one receipt for another. */
function paintPaper(pen, width, height) {
  const [across, down] = [9, 8];
  for (let place = 0; place < across * down; place += 1) {
    pen.fillStyle = `hsl(${90 + Math.random() * 80} 35% ${92 + Math.random() * 6}%)`;
    pen.fillRect(((place % across) * width) / across, (Math.floor(place / across) * height) / down, width / across + 1, height / down + 1);
  }
}

/** One second of silence, 8 bits at 8 kHz. */
export function sampleVoice() {
  const length = 8000;
  const wav = new DataView(new ArrayBuffer(44 + length));
  const letters = (at, text) => [...text].forEach((letter, index) => wav.setUint8(at + index, letter.charCodeAt(0)));
  letters(0, "RIFF"), letters(8, "WAVEfmt "), letters(36, "data");
  [[4, 36 + length], [16, 16], [24, 8000], [28, 8000], [40, length]].forEach(([at, value]) => wav.setUint32(at, value, true));
  [[20, 1], [22, 1], [32, 1], [34, 8]].forEach(([at, value]) => wav.setUint16(at, value, true));
  new Uint8Array(wav.buffer, 44).fill(128);
  return new Blob([wav.buffer], { type: "audio/wav" });
}
