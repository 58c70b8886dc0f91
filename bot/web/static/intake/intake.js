/* The intake page on the phone: reads the NIK as it is typed, makes the photo small, and sends both.
   Only comfort: the server checks everything again, and the form works without this script.
   ES5, so that a phone of 2016 runs it. Nothing is kept: no storage, no history, no cache. */
(function () {
  'use strict';

  var PATIENCE = 45000;                  // ms without a byte more going out or an answer
  var LONGEST = 1600;                    // pixels of the photo's longer side
  var ENOUGH = 400 * 1024;               // bytes: a KTP is readable with less
  var MOST = 10 * 1024 * 1024;           // bytes of a photo that could not be made smaller
  var SMALLEST = [600, 360];             // pixels of the longer and the shorter side
  var HEAD = 128 * 1024;                 // bytes of a file in which its kind and its orientation stand
  var DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  var QUARTERS = { 3: 2, 6: 1, 8: 3 };   // quarter turns to the right, by EXIF orientation

  var form = the('form');
  var words = JSON.parse(form.getAttribute('data-words'));
  var today = numbers(form.getAttribute('data-today').split('-'));
  var nik = the('nik');
  var picker = the('photo');
  var typed = '';                        // the digits in the field
  var photo = null;                      // {blob, canvas}: what would be sent, and what it is turned from;
                                         // or {blob, told}: what cannot be shown, and what is said instead
  var choice = 0;                        // counts the files that were chosen; a later one overtakes
  var preparing = false;
  var wanted = null;                     // what to send as soon as the photo is ready
  var sending = false;
  var uncertain = false;                 // an earlier try may have arrived
  var done = false;

  document.documentElement.className = 'js';

  // ── The NIK ────────────────────────────────────────────────────────────────────────────────────────────────────

  function digitsIn(text) {
    return text.replace(/^\s*nik\W*/i, '').replace(/o/gi, '0').replace(/[Il]/g, '1')
      .replace(/[\u0660-\u0669\u06f0-\u06f9\uff10-\uff19]/g, function (digit) { return digit.charCodeAt(0) & 15; })
      .replace(/\D/g, '').slice(0, 24);
  }

  function grouped(digits) { return digits.replace(/(\d{4})(?=\d)/g, '$1 '); }

  function typing(event) {
    var before = digitsIn(nik.value.slice(0, nik.selectionStart)).length;
    var digits = digitsIn(nik.value);
    if (digits === typed && nik.value.length < grouped(typed).length) {    // only a space went: take the digit beside it
      before -= event.inputType === 'deleteContentForward' ? 0 : 1;
      digits = digits.slice(0, before) + digits.slice(before + 1);
    }
    typed = digits;
    if (nik.value !== grouped(digits)) {
      nik.value = grouped(digits);
      putCaret(before);
    }
    say('nik-error', '');
    nik.setAttribute('aria-invalid', 'false');
    showJudgement(judge(digits));
  }

  function putCaret(digits) {
    var place = digits + Math.floor(Math.max(0, digits - 1) / 4);
    var text = nik.value;
    function put() { if (nik.value === text && document.activeElement === nik) { nik.setSelectionRange(place, place); } }
    put();
    if (/Android [4-8]\./.test(navigator.userAgent)) { setTimeout(put, 0); }   // whose keyboards move it once more
  }

  function showJudgement(judgement) {
    var look = judgement.good ? 'good' : judgement.bad ? 'bad' : '';
    nik.className = look;
    the('nik-hint').className = 'hint ' + look;
    say('nik-hint', judgement.text);
  }

  /* What the digits tell so far; the rules are those of the house's own NIK. */
  function judge(digits) {
    var day = +digits.slice(6, 8), month = +digits.slice(8, 10), year = +digits.slice(10, 12);
    var woman = day > 40;
    if (woman) { day -= 40; }
    if (!digits) { return { text: words.hint }; }
    if (digits.length > 16) { return bad(words.many, digits.length - 16); }
    if (digits.length >= 10 && (month < 1 || month > 12)) { return bad(words.month); }
    if (digits.length >= 10 && (day < 1 || day > DAYS[month - 1])) { return bad(words.day); }
    if (digits.length < 16) { return { text: fill(words.few, 'count', 16 - digits.length) }; }
    if (!exists(1900 + year, month, day) && !exists(2000 + year, month, day)) { return bad(words.day); }
    if (/0000$/.test(digits)) { return bad(words.serial); }
    return { good: true, text: fill(woman ? words.woman : words.man, 'born', born(day, month, year)) };
  }

  function bad(sentence, count) { return { bad: true, text: fill(sentence, 'count', count) }; }

  function exists(year, month, day) {
    return month !== 2 || day !== 29 || (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0));
  }

  /* The latest century in which she is between 17 and 110; if there is none, in which she is born at all. */
  function born(day, month, ofCentury) {
    var latest = Math.floor(today[0] / 100), year, age, found = 0;
    for (var century = latest; century > latest - 5; century--) {
      year = century * 100 + ofCentury;
      age = today[0] - year - (today[1] < month || (today[1] === month && today[2] < day) ? 1 : 0);
      if (age < 0 || !exists(year, month, day)) { continue; }
      found = found || year;
      if (age >= 17 && age <= 110) { found = year; break; }
    }
    return day + ' ' + words.months[month - 1] + ' ' + found;
  }

  // ── The photo ──────────────────────────────────────────────────────────────────────────────────────────────────

  function choose(file) {
    if (!file) { return; }
    var mine = ++choice;
    var before = photo;
    busy(true);
    say('photo-error', '');
    read(file, function (kind, quarters) {
      prepare(file, kind, quarters, function (taken, problem) {
        if (mine !== choice) { return; }
        if (problem) { say('photo-error', problem); wanted = null; }
        show(taken || before);
        busy(false);
      });
    });
  }

  function prepare(file, kind, quarters, then) {
    var image = new Image(), url = URL.createObjectURL(file);
    function asItIs() {
      if (!/jpeg|png|webp|pdf/.test(kind)) { return then(null, kind === 'heic' ? words.heic : words.notAPhoto); }
      if (file.size > MOST) { return then(null, words.big); }
      then({ blob: file, told: kind === 'pdf' ? words.pdf : words.unseen });
    }
    image.onerror = function () { URL.revokeObjectURL(url); asItIs(); };
    image.onload = function () {
      var width = image.naturalWidth, height = image.naturalHeight, canvas;
      if (Math.max(width, height) < SMALLEST[0] || Math.min(width, height) < SMALLEST[1]) {
        URL.revokeObjectURL(url);
        return then(null, words.small);
      }
      canvas = drawn(image, width, height, quarters, LONGEST);
      URL.revokeObjectURL(url);
      if (!canvas) { return asItIs(); }
      encode(canvas, 0.85, function (blob) { return blob ? then({ blob: blob, canvas: canvas }) : asItIs(); });
    };
    if (kind === 'pdf') { return image.onerror(); }          // Safari would draw it, and too small
    image.src = url;
  }

  /* The picture on a canvas, no longer than that and so many quarters turned; null where the phone cannot. */
  function drawn(picture, width, height, quarters, longest) {
    var scale = Math.min(1, longest / Math.max(width, height));
    var w = Math.round(width * scale), h = Math.round(height * scale);
    try {
      var canvas = document.createElement('canvas'), pen = canvas.getContext('2d');
      canvas.width = quarters % 2 ? h : w;
      canvas.height = quarters % 2 ? w : h;
      pen.imageSmoothingQuality = 'high';
      pen.fillStyle = '#fff';
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.translate(canvas.width / 2, canvas.height / 2);
      pen.rotate(quarters * Math.PI / 2);
      pen.drawImage(picture, -w / 2, -h / 2, w, h);
      return canvas;
    } catch (error) {
      return null;
    }
  }

  /* The canvas as a JPEG: coarser, then smaller, until it is small enough. */
  function encode(canvas, quality, then) {
    jpeg(canvas, quality, function (blob) {
      if (!blob || blob.size <= ENOUGH) { return then(blob); }
      if (quality > 0.6) { return encode(canvas, quality - 0.1, then); }
      var longest = Math.round(0.8 * Math.max(canvas.width, canvas.height));
      var smaller = longest < LONGEST / 2 ? null : drawn(canvas, canvas.width, canvas.height, 0, longest);
      return smaller ? encode(smaller, 0.75, then) : then(blob);
    });
  }

  function jpeg(canvas, quality, then) {
    try {
      if (canvas.toBlob) { return canvas.toBlob(then, 'image/jpeg', quality); }
      var bytes = atob(canvas.toDataURL('image/jpeg', quality).split(',')[1]), content = new Uint8Array(bytes.length);
      for (var at = 0; at < bytes.length; at++) { content[at] = bytes.charCodeAt(at); }
      return then(new Blob([content], { type: 'image/jpeg' }));
    } catch (error) {
      return then(null);
    }
  }

  /* What the file is, and how many quarters it must be turned where the browser does not do it itself. */
  function read(file, then) {
    var reader = new FileReader();
    reader.onerror = function () { then('', 0); };
    reader.onload = function () {
      var bytes = new DataView(reader.result);
      var kind = kindOf(bytes);
      var turnsItself = window.CSS && CSS.supports && CSS.supports('image-orientation', 'from-image');
      then(kind, kind === 'jpeg' && !turnsItself ? QUARTERS[orientation(bytes)] || 0 : 0);
    };
    reader.readAsArrayBuffer(file.slice(0, HEAD));
  }

  function kindOf(bytes) {
    if (bytes.byteLength < 12) { return ''; }
    if (bytes.getUint32(0) >>> 8 === 0xffd8ff) { return 'jpeg'; }
    if (bytes.getUint32(0) === 0x89504e47) { return 'png'; }
    if (bytes.getUint32(0) === 0x52494646 && bytes.getUint32(8) === 0x57454250) { return 'webp'; }
    if (bytes.getUint32(4) === 0x66747970) { return 'heic'; }      // "ftyp": HEIC, AVIF and their family
    for (var at = 0; at < Math.min(1024, bytes.byteLength - 4); at++) {
      if (bytes.getUint32(at) === 0x25504446) { return 'pdf'; }      // "%PDF", before which some bytes may stand
    }
    return '';
  }

  /* The EXIF orientation of a JPEG (CIPA DC-008, tag 0x0112); 1 where none stands. */
  function orientation(bytes) {
    try {
      for (var at = 2; bytes.getUint8(at) === 0xff; at += 2 + bytes.getUint16(at + 2)) {
        if (bytes.getUint16(at) === 0xffe1 && bytes.getUint32(at + 4) === 0x45786966) { return inTiff(bytes, at + 10); }
      }
    } catch (beyondTheEnd) { /* a file without EXIF, or a broken one: as it lies */ }
    return 1;
  }

  function inTiff(bytes, start) {
    var little = bytes.getUint16(start) === 0x4949;
    var directory = start + bytes.getUint32(start + 4, little);
    for (var entry = 0; entry < bytes.getUint16(directory, little); entry++) {
      var at = directory + 2 + 12 * entry;
      if (bytes.getUint16(at, little) === 0x0112) { return bytes.getUint16(at + 8, little); }
    }
    return 1;
  }

  function turn() {
    if (preparing || !photo) { return; }
    var mine = ++choice;
    var canvas = drawn(photo.canvas, photo.canvas.width, photo.canvas.height, 1, LONGEST);
    busy(true);
    encode(canvas, 0.85, function (blob) {
      if (mine !== choice) { return; }
      show(blob ? { blob: blob, canvas: canvas } : photo);
      busy(false);
    });
  }

  function show(taken) {
    photo = taken;
    var preview = the('preview'), seen = Boolean(photo && photo.canvas);
    if (preview.src) { URL.revokeObjectURL(preview.src); preview.removeAttribute('src'); }
    if (seen) { preview.src = URL.createObjectURL(photo.blob); }
    preview.hidden = the('turn').hidden = !seen;
    the('pick').hidden = Boolean(photo);
    the('chosen').hidden = !photo;
    if (the('later')) { the('later').hidden = Boolean(photo); }
  }

  function busy(now) {
    preparing = now;
    say('photo-state', now ? words.preparing : photo && photo.told || '');
    if (!now && wanted) { wanted(); }
  }

  function remove() {
    choice++;
    wanted = null;
    show(null);
    busy(false);
  }

  // ── Sending ────────────────────────────────────────────────────────────────────────────────────────────────────

  function submit(withPhoto) {
    wanted = null;
    if (sending || done) { return; }
    if (withPhoto && preparing) { wanted = function () { submit(true); }; return; }
    if (complete(withPhoto)) { send(withPhoto); }
  }

  function complete(withPhoto) {
    var wrong = [];
    var judgement = nik && judge(typed);
    if (nik && !judgement.good) {
      complain('nik', judgement.bad ? judgement.text : typed ? words.notYet : words.noNik);
      wrong.push(nik);
    }
    if (picker && withPhoto && !photo) {
      complain('photo', words.noPhoto);
      wrong.push(the('take'));
    }
    if (wrong.length) { wrong[0].focus(); }
    return !wrong.length;
  }

  function complain(field, sentence) {
    if (field === 'nik') { say('nik-hint', ''); }
    say(field + '-error', sentence);
    the(field).setAttribute('aria-invalid', 'true');
  }

  function send(withPhoto) {
    var request = new XMLHttpRequest(), content = new FormData(), clock;
    function wait() { clearTimeout(clock); clock = setTimeout(function () { request.abort(); }, PATIENCE); }
    function failed(sentence) { clearTimeout(clock); uncertain = true; stop(sentence); }
    if (nik) { content.append('nik', typed); }
    if (picker && withPhoto && photo) { content.append('photo', photo.blob, 'ktp.jpg'); }
    start();
    request.upload.onprogress = function (event) { wait(); if (event.total) { progress(event.loaded / event.total); } };
    request.onload = function () { clearTimeout(clock); answered(request); };
    request.onerror = function () { failed(words.offline); };
    request.onabort = function () { failed(words.slow); };
    request.open('POST', location.pathname);
    request.setRequestHeader('Accept', 'application/json');
    wait();
    request.send(content);
  }

  function start() {
    sending = true;
    say('trouble', '');
    if (nik) { say('nik-error', ''); }
    if (picker) { say('photo-error', ''); }
    the('progress').hidden = false;
    the('send').setAttribute('aria-disabled', 'true');
    progress(0);
  }

  function progress(part) {
    var percent = Math.round(100 * part);
    the('progress').firstChild.style.width = percent + '%';
    say('send', percent < 100 ? fill(words.sending, 'percent', percent) : words.storing);
  }

  function stop(sentence) {
    sending = false;
    the('progress').hidden = true;
    the('send').removeAttribute('aria-disabled');
    say('send', sentence ? words.again : words.send);
    say('trouble', sentence);
  }

  function answered(request) {
    var answer = {};
    try { answer = JSON.parse(request.responseText); } catch (notOurs) { /* a proxy's own page: as if busy */ }
    if (answer.taken || (answer.state === 'used' && uncertain)) { return thank(); }
    if (/used|expired|unknown/.test(answer.state)) { return leave(); }
    if (request.status === 429) { return stop(words.wait); }
    if (!answer.nik_error && !answer.photo_error) { return stop(words.busy); }
    stop('');
    if (answer.photo_error && picker) { complain('photo', answer.photo_error); the('photo-error').scrollIntoView(); }
    if (answer.nik_error && nik) { complain('nik', answer.nik_error); nik.focus(); }
  }

  function thank() {
    done = true;
    forget();
    the('asking').hidden = true;
    the('thanks').hidden = false;
    scrollTo(0, 0);
    the('thanks').querySelector('h1').focus();
  }

  /* The page of a link that is no longer good comes from the server. */
  function leave() { done = true; forget(); location.replace(location.pathname); }

  function forget() {
    typed = '';
    if (nik) { nik.value = ''; showJudgement(judge('')); }
    if (picker) { remove(); }
  }

  // ── Small things ───────────────────────────────────────────────────────────────────────────────────────────────

  function the(id) { return document.getElementById(id); }
  function say(id, sentence) { the(id).textContent = sentence; }
  function fill(sentence, gap, word) { return sentence.replace('{' + gap + '}', word); }
  function numbers(texts) { return texts.map(Number); }
  function on(id, event, act) { if (the(id)) { the(id).addEventListener(event, act); } }

  function chosen(event) {
    choose(event.target.files[0]);
    event.target.value = '';            // so that the same file may be chosen again
  }

  on('nik', 'input', typing);
  on('photo', 'change', chosen);
  on('gallery', 'change', chosen);
  on('take', 'click', function () { picker.click(); });
  on('choose', 'click', function () { the('gallery').click(); });
  on('change', 'click', function () { the('gallery').click(); });
  on('turn', 'click', turn);
  on('remove', 'click', remove);
  on('later', 'click', function (event) { event.preventDefault(); submit(false); });
  on('form', 'submit', function (event) { event.preventDefault(); submit(true); });

  addEventListener('pagehide', forget);
  addEventListener('pageshow', function (event) {
    var returned = event.persisted || (window.performance && performance.navigation && performance.navigation.type === 2);
    if (!returned) { return; }
    if (done) { leave(); } else { forget(); }
  });
}());
