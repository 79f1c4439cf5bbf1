// @ts-check
// The one script of the console. Every page works without it, but for passkeys. Attributes in the
// pages say what it does:
//
//   <form data-passkey="create|get" data-options="JSON">    asks for a passkey when it is sent. The options are
//     those of navigator.credentials, with base64url where it takes bytes. The answer goes, as JSON,
//     into the field "credential". What went wrong is said in [data-passkey-problem].
//   <div data-live="URL">    follows server-sent events. "figures" is a JSON object of texts by the
//     name of the [data-figure] that shows each, "failures" a list of rows for the [data-failures],
//     "end" the last figures, with which [data-ended] is shown in the place of [data-going], or the
//     page loaded again that has data-reload.
//   <form data-upload>    takes a file that is dropped on its .drop, and shows in the <progress> and
//     <output> of its [data-upload-progress] how much was sent. If the line breaks,
//     [data-upload-problem] is shown.
"use strict";

/** @typedef {{href?: string, cells: string[]}} Row */

/**
 * all finds the elements of a kind.
 * @template {Element} T
 * @param {ParentNode} within
 * @param {string} selector
 * @param {new () => T} kind
 * @returns {T[]}
 */
function all(within, selector, kind) {
  /** @type {T[]} */
  const found = [];
  for (const e of within.querySelectorAll(selector)) if (e instanceof kind) found.push(e);
  return found;
}

/**
 * show puts a text where it is told, unless it stands there.
 * @param {Element} at
 * @param {string} text
 * @returns {string} the text
 */
function show(at, text) {
  if (at.textContent !== text) at.textContent = text;
  return text;
}

/**
 * bytes reads base64url.
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>}
 */
function bytes(text) {
  const binary = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(binary, (c) => c.charCodeAt(0));
}

/**
 * base64url writes bytes, and nothing for none.
 * @param {ArrayBuffer | null | undefined} buffer
 * @returns {string | undefined}
 */
function base64url(buffer) {
  if (!buffer) return undefined;
  const binary = Array.from(new Uint8Array(buffer), (b) => String.fromCharCode(b)).join("");
  return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/**
 * wished returns options for navigator.credentials, with bytes where it wants some.
 * @param {any} options
 * @returns {any}
 */
function wished(options) {
  const key = { ...options, challenge: bytes(options.challenge) };
  if (key.user) key.user = { ...key.user, id: bytes(key.user.id) };
  for (const list of ["allowCredentials", "excludeCredentials"]) {
    if (key[list]) key[list] = key[list].map((/** @type {{id: string}} */ c) => ({ ...c, id: bytes(c.id) }));
  }
  return { publicKey: key };
}

/**
 * answer writes a credential as servers read it.
 * @param {PublicKeyCredential} made
 * @returns {string}
 */
function answer(made) {
  /** @type {any} */
  const from = made.response;
  /** @type {Record<string, any>} */
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    response[name] = base64url(from[name]);
  }
  if (from.getTransports) response.transports = from.getTransports();
  return JSON.stringify({
    id: made.id, rawId: base64url(made.rawId), type: made.type, response,
    authenticatorAttachment: made.authenticatorAttachment ?? undefined,
    clientExtensionResults: made.getClientExtensionResults(),
  });
}

/**
 * passkey has a form ask for a passkey before it is sent.
 * @param {HTMLFormElement} form
 */
function passkey(form) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const told = all(form, "[data-passkey-problem]", HTMLElement);
    const buttons = all(form, "button", HTMLButtonElement);
    const waiting = (/** @type {boolean} */ is) => buttons.forEach((b) => (b.disabled = is));
    for (const at of told) at.hidden = true;
    waiting(true);
    try {
      const options = wished(JSON.parse(form.dataset.options ?? ""));
      const made = form.dataset.passkey === "create"
        ? await navigator.credentials.create(options)
        : await navigator.credentials.get(options);
      if (!(made instanceof PublicKeyCredential)) throw new TypeError("no passkey");
      for (const field of all(form, "input[name=credential]", HTMLInputElement)) field.value = answer(made);
      form.submit();
    } catch {
      // The person said no, or has no such passkey: browsers do not tell which.
      for (const at of told) at.hidden = false;
      waiting(false);
    }
  });
}

/**
 * figures shows what the server counts. What is read aloud changes seldom enough to be heard out.
 * @param {HTMLElement} region
 * @param {Record<string, string>} texts
 * @param {{spoken: number}} last
 */
function figures(region, texts, last) {
  const heardOut = 5000; // milliseconds
  const speak = Date.now() - last.spoken >= heardOut;
  if (speak) last.spoken = Date.now();
  for (const at of all(region, "[data-figure]", HTMLElement)) {
    const text = texts[at.dataset.figure ?? ""];
    if (text === undefined) continue;
    if (at instanceof HTMLProgressElement && text === "") at.removeAttribute("value");
    else if (at instanceof HTMLProgressElement) at.value = Number(text);
    else if (at.matches(".notice")) at.hidden = show(at, text) === "";
    else if (speak || !at.closest("[aria-live]")) show(at, text);
  }
}

/**
 * row makes a row of a table of texts, of which the first may be a link.
 * @param {Row} of
 * @param {HTMLElement[]} heads
 * @returns {HTMLTableRowElement}
 */
function row(of, heads) {
  const tr = document.createElement("tr");
  for (const [i, text] of of.cells.entries()) {
    const cell = document.createElement(i === 0 ? "th" : "td");
    if (i === 0) cell.setAttribute("scope", "row");
    cell.dataset.label = heads[i]?.textContent ?? "";
    cell.className = heads[i]?.className ?? "";
    if (i === 0 && of.href) {
      const link = document.createElement("a");
      link.href = of.href;
      link.textContent = text;
      cell.append(link);
    } else {
      cell.textContent = text;
    }
    tr.append(cell);
  }
  return tr;
}

/**
 * live follows what the server tells of a batch.
 * @param {HTMLElement} region
 */
function live(region) {
  const source = new EventSource(region.dataset.live ?? "");
  const last = { spoken: 0 };
  source.addEventListener("figures", (event) => figures(region, JSON.parse(event.data), last));
  source.addEventListener("failures", (event) => {
    /** @type {Row[]} */
    const rows = JSON.parse(event.data);
    for (const table of all(region, "table:has([data-failures])", HTMLTableElement)) {
      const heads = all(table, "thead th", HTMLElement);
      table.tBodies[0].replaceChildren(...rows.map((of) => row(of, heads)));
      table.hidden = rows.length === 0;
    }
    for (const e of all(region, "[data-no-failures]", HTMLElement)) e.hidden = rows.length > 0;
  });
  source.addEventListener("end", (event) => {
    source.close();
    last.spoken = 0;
    figures(region, JSON.parse(event.data), last);
    for (const e of all(region, "[data-going]", HTMLElement)) e.hidden = true;
    for (const e of all(region, "[data-ended]", HTMLElement)) {
      if (e.querySelector("[data-figure]")) e.className = `notice ${JSON.parse(event.data).kind}`;
      e.hidden = false;
    }
    if ("reload" in region.dataset) location.reload();
  });
}

/**
 * upload sends a form with a file, and shows how far that is.
 * @param {HTMLFormElement} form
 */
function upload(form) {
  const [input] = all(form, "input[type=file]", HTMLInputElement);
  const [drop] = all(form, ".drop", HTMLElement);
  const over = (/** @type {DragEvent} */ event, /** @type {boolean} */ is) => {
    event.preventDefault();
    drop.classList.toggle("over", is);
  };
  drop?.addEventListener("dragover", (event) => over(event, true));
  drop?.addEventListener("dragleave", (event) => over(event, false));
  drop?.addEventListener("drop", (event) => {
    over(event, false);
    if (event.dataTransfer?.files.length) input.files = event.dataTransfer.files;
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const body = new FormData(form, event.submitter);
    const waiting = (/** @type {boolean} */ is) => {
      for (const button of all(form, "button", HTMLButtonElement)) button.disabled = is;
      for (const e of all(form, "[data-upload-progress]", HTMLElement)) e.hidden = !is;
      for (const e of all(form, "[data-upload-problem]", HTMLElement)) e.hidden = true;
    };
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (sent) => {
      for (const bar of all(form, "progress", HTMLProgressElement)) bar.value = sent.loaded / sent.total;
      for (const text of all(form, "output", HTMLOutputElement)) show(text, `${Math.floor((100 * sent.loaded) / sent.total)}\u00a0%`);
    });
    request.addEventListener("load", () => arrive(request, form.action));
    request.addEventListener("error", () => {
      waiting(false);
      for (const at of all(form, "[data-upload-problem]", HTMLElement)) at.hidden = false;
    });
    request.open("POST", form.action);
    request.send(body);
    waiting(true);
  });
}

/**
 * arrive shows the page that a form was answered with.
 * @param {XMLHttpRequest} request
 * @param {string} action
 */
function arrive(request, action) {
  if (request.responseURL !== action) {
    location.assign(request.responseURL);
    return;
  }
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  document.documentElement.replaceWith(document.adoptNode(page.documentElement));
  begin();
}

/** begin does what the page asks for. */
function begin() {
  all(document, "form[data-passkey]", HTMLFormElement).forEach(passkey);
  all(document, "[data-live]", HTMLElement).forEach(live);
  all(document, "form[data-upload]", HTMLFormElement).forEach(upload);
  document.querySelector(".top nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

begin();
