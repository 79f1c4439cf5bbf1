// @ts-check
// The one script of the console. Every page works without it, but for passkeys.
"use strict";

/**
 * The passkey ceremony of a form: <form data-passkey="get"> (or "create") with data-options, the
 * JSON that navigator.credentials takes, in base64url where it takes bytes. The answer goes, as
 * JSON, into the field "credential", and the form is sent. What went wrong is said in the form's
 * [data-passkey-problem], which is hidden before.
 * @param {SubmitEvent} event
 */
async function ceremony(event) {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.dataset.passkey) return;
  event.preventDefault();
  const told = form.querySelector("[data-passkey-problem]");
  if (told instanceof HTMLElement) told.hidden = true;
  try {
    const options = JSON.parse(form.dataset.options ?? "{}");
    const made =
      form.dataset.passkey === "create"
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
    const field = form.elements.namedItem("credential");
    if (!(made instanceof PublicKeyCredential) || !(field instanceof HTMLInputElement)) throw new Error("no passkey");
    field.value = JSON.stringify(made.toJSON());
    form.submit();
  } catch {
    if (told instanceof HTMLElement) told.hidden = false;
  }
}

document.addEventListener("submit", ceremony);
