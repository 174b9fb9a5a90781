// Passkeys and passwords: what allauth's scripts leave to the page.
(() => {
  "use strict";

  // An address by number has no passkeys, nor has an old browser: offer only what works.
  const byNumber = /^[\d.]+$|^\[/.test(window.location.hostname);
  const possible = Boolean(window.PublicKeyCredential) && !byNumber;
  for (const part of document.querySelectorAll("[data-passkey-only]")) part.hidden = !possible;
  for (const part of document.querySelectorAll("[data-no-passkeys]")) part.hidden = possible;

  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    for (const alert of document.querySelectorAll("[data-passkey-failed]")) alert.hidden = false;
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("#passkey")) return;
    for (const alert of document.querySelectorAll("[data-passkey-failed]")) alert.hidden = true;
  });

  for (const button of document.querySelectorAll("[data-shows]")) {
    const field = document.getElementById(button.dataset.shows);
    button.hidden = !field;
    button.addEventListener("click", () => {
      const shown = field.type === "password";
      field.type = shown ? "text" : "password";
      button.setAttribute("aria-pressed", String(shown));
    });
  }
})();
