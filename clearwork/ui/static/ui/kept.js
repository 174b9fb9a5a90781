// A form marked data-keep is not lost: not on a dropped connection, not with a session that
// ended, not with a tab that was reloaded. While typing, a draft goes to the server; where that
// cannot be reached, what was typed stays in this tab, encrypted under a key that only pages of
// the same signed-in person carry (data-keep-key), until it is sent or the person signs out.
//
// The form is sent by this file, so that "not sent" can be told and tried again. Its hidden
// `submission` names it: the server makes one thing of it, however often it arrives.
(() => {
  "use strict";
  const form = document.querySelector("form[data-keep]");
  const meta = document.querySelector("meta[name=cw-session]");
  if (!form || !meta || !window.crypto?.subtle) return;

  const { keep, keepKey, keepAt, keepAsks } = form.dataset;
  // As idle.js names what it keeps: signing out forgets it, and so does another person's page.
  // Each address has its own: what was begun for one employee is not laid over another's form.
  const place = `clearwork-kept:${meta.dataset.person}:form:${keep}${window.location.search}`;
  const isNew = keep.endsWith(":new");
  const ANY = "00000000-0000-0000-0000-000000000000";
  const NEVER = ["csrfmiddlewaretoken", "employee_search"];
  const SOON = 300;
  const AT_REST = 2000;
  const TRY_AGAIN = 8000;
  const store = window.sessionStorage;
  const status = form.querySelector("[data-keep-status]");
  const waiting = form.querySelector("[data-keep-waiting]");
  const submission = form.elements.submission;
  const address = (pattern) => pattern.replace(ANY, submission.value);

  // ---- encrypted, in this tab ----
  const bytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  const text = (array) => btoa(Array.from(array, (one) => String.fromCharCode(one)).join(""));
  const key = crypto.subtle.importKey("raw", bytes(keepKey), "AES-GCM", false, ["encrypt", "decrypt"]);

  const put = async (value) => {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const plain = new TextEncoder().encode(JSON.stringify(value));
    const cipher = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await key, plain);
    store.setItem(place, JSON.stringify([text(iv), text(new Uint8Array(cipher))]));
  };

  const take = async () => {
    const kept = store.getItem(place);
    if (!kept) return null;
    try {
      const [iv, cipher] = JSON.parse(kept).map(bytes);
      const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, await key, cipher);
      return JSON.parse(new TextDecoder().decode(plain));
    } catch {
      forget(); // another key, or no text of ours
      return null;
    }
  };

  const forget = () => store.removeItem(place);

  // ---- what is typed ----
  const typed = () =>
    [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !NEVER.includes(name));

  // Choices that a server's part of the page brought (employee, center) come back as a note.
  const labels = () => {
    const found = {};
    for (const name of ["employee", "center"]) {
      const one = form.querySelector(`input[type=radio][name=${name}]:checked`);
      if (one) found[name] = one.closest("label").innerText.trim();
    }
    return found;
  };

  const putBack = ({ fields, said }) => {
    const values = new Map();
    for (const [name, value] of fields) values.set(name, [...(values.get(name) || []), value]);
    for (const name of Object.keys(said)) offer(name, values.get(name)?.[0], said[name]);
    // In the order of the page, twice: choices made first show the fields below them.
    for (const _ of [1, 2]) {
      for (const one of form.querySelectorAll("input[name], select[name], textarea[name]")) {
        if (NEVER.includes(one.name) || one.type === "submit") continue;
        fill(one, values.get(one.name));
      }
    }
  };

  const fill = (one, wanted) => {
    if (one.type === "checkbox" || one.type === "radio") {
      const checked = Boolean(wanted?.includes(one.value));
      if (one.checked === checked) return;
      one.checked = checked;
    } else {
      if (!wanted || one.value === wanted[0]) return;
      one.value = wanted[0];
    }
    one.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const offer = (name, value, label) => {
    if (!value || form.querySelector(`input[type=radio][name=${name}][value="${CSS.escape(value)}"]`)) return;
    const choices = form.querySelector(`#${name}-choices`);
    if (!choices) return;
    const row = document.createElement("label");
    row.className = "cw-kept-choice";
    const radio = Object.assign(document.createElement("input"), { type: "radio", name, value });
    row.append(radio, Object.assign(document.createElement("span"), { textContent: label }));
    choices.prepend(row);
  };

  const say = (words) => {
    if (status) status.textContent = words;
  };

  const notice = (words, action, act) => {
    const note = document.createElement("div");
    note.className = "cw-message cw-tone-info cw-draft";
    note.setAttribute("role", "status");
    note.append(Object.assign(document.createElement("span"), { textContent: words }));
    if (action) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "btn", textContent: action });
      button.addEventListener("click", act);
      note.append(button);
    }
    form.before(note);
  };

  // ---- keeping ----
  let soon = 0;
  let atRest = 0;
  let sent = false;

  const keepHere = async () => {
    if (!sent) await put({ fields: typed(), said: labels() });
  };

  const keepThere = async () => {
    if (sent || !keepAt) return; // a change of an order is kept in this tab alone
    const body = new URLSearchParams(typed());
    const headers = { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
    try {
      const answer = await fetch(address(keepAt), { method: "POST", body, headers, redirect: "manual" });
      if (sent) return;
      if (answer.status === 204) say("Saved as a draft.");
      else if (answer.type === "opaqueredirect") say("You were signed out. What you typed is kept: sign in again to go on.");
    } catch {
      say("No connection. What you typed is kept on this device.");
    }
  };

  const changed = () => {
    clearTimeout(soon);
    clearTimeout(atRest);
    soon = setTimeout(keepHere, SOON);
    atRest = setTimeout(keepThere, AT_REST);
  };

  // ---- sending ----
  let trying = false;
  let again = 0;

  const made = async () => {
    const answer = await fetch(address(keepAsks), { redirect: "manual", cache: "no-store" });
    if (answer.type === "opaqueredirect") return { signedOut: true };
    return answer.ok ? answer.json() : { url: "" };
  };

  // Back from there, this page says that it was sent.
  const leaveFor = (url) => {
    sent = true;
    forget();
    if (isNew) history.replaceState(null, "", `${window.location.pathname}?sent=${submission.value}`);
    window.location.assign(url);
  };

  const button = form.querySelector("[type=submit]");
  const busy = (on) => {
    button.toggleAttribute("disabled", on);
    if (on) button.setAttribute("aria-busy", "true");
    else button.removeAttribute("aria-busy");
  };

  const wait = () => {
    waiting.hidden = false;
    waiting.scrollIntoView({ block: "center" }); // on a phone the navigation lies over the edge
    busy(false);
    clearTimeout(again);
    again = setTimeout(send, TRY_AGAIN);
  };

  const askForSignIn = () => {
    const here = window.location.pathname + window.location.search;
    window.location.assign(`${meta.dataset.signIn}?next=${encodeURIComponent(here)}`);
  };

  const send = async () => {
    if (trying || sent) return;
    trying = true;
    busy(true);
    clearTimeout(again);
    await keepHere();
    try {
      const answer = await fetch(window.location.href, { method: "POST", body: new FormData(form), redirect: "manual" });
      if (answer.status === 403) return window.location.reload(); // signed in anew elsewhere
      if (answer.type !== "opaqueredirect" && answer.status !== 422) throw new Error(answer.status);
      waiting.hidden = true;
      if (answer.status === 422) return form.submit(); // the browser's own way shows the errors
      await followed();
    } catch {
      wait();
    } finally {
      trying = false;
    }
  };

  // A redirect: it was taken, or the session is over. The server knows which.
  const followed = async () => {
    if (!isNew) return changedThere();
    const { url, signedOut } = await made();
    if (url) leaveFor(url);
    else if (signedOut) askForSignIn();
    else window.location.reload();
  };

  const changedThere = async () => {
    const { signedOut } = await made();
    if (signedOut) askForSignIn();
    else leaveFor(window.location.pathname.replace(/edit\/$/, ""));
  };

  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  window.addEventListener("online", () => waiting.hidden || send());
  // Back after it was sent: it says so, instead of being sent again.
  window.addEventListener("pageshow", (event) => event.persisted && begin());

  const begin = async () => {
    if (form.hasAttribute("data-keep-answered")) return keepHere(); // errors are shown as they are
    const kept = await take();
    const own = submission.value;
    if (kept) submission.value = new Map(kept.fields).get("submission") || own;
    let before = { url: "" };
    try {
      before = await made();
    } catch {
      /* no connection: what is kept is kept */
    }
    if (before.url) {
      forget();
      return window.location.replace(`${window.location.pathname}?sent=${submission.value}`);
    }
    if (!kept) return;
    putBack(kept);
    document.querySelector(`[data-draft="${CSS.escape(submission.value)}"]`)?.remove();
    notice("What you typed is back. Nothing was sent yet.", "Start over", async () => {
      sent = true;
      forget();
      const { pathname, search } = window.location;
      window.location.replace(search.includes("draft=") ? pathname : pathname + search);
    });
  };
  begin();
})();
