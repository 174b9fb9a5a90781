// Before a person is signed out for being away: a warning. When the time is over, what was
// typed is kept in this tab, and put back after the same person has signed in again.
(() => {
  "use strict";
  const meta = document.querySelector("meta[name=cw-session]");
  const PREFIX = "clearwork-kept:";
  const MINUTE = 60;
  const kept = window.sessionStorage;

  const forget = (unless = () => false) => {
    for (const key of Object.keys(kept)) {
      if (key.startsWith(PREFIX) && !unless(key)) kept.removeItem(key);
    }
  };

  // Signing out, anywhere, leaves nothing behind.
  document.addEventListener("submit", (event) => {
    if (event.target.action.endsWith("/sign-out/")) forget();
  });
  if (!meta) return;

  const { person, warn, ask, signIn } = meta.dataset;
  const mine = `${PREFIX}${person}:`;
  const here = () => window.location.pathname + window.location.search;

  // Hidden fields are the page's own; passwords, codes and files are never kept.
  const NEVER = "[type=password], [type=hidden], [type=file], [type=submit], [type=button], [autocomplete=one-time-code], [data-never-kept]";
  const controls = (form) =>
    [...form.querySelectorAll("input[name], select[name], textarea[name]")].filter((one) => !one.matches(NEVER));
  // Forms marked data-keep look after themselves: kept.js.
  const forms = () => [...document.querySelectorAll("main form[method=post]:not([data-keep])")];
  const isTicked = (one) => one.type === "checkbox" || one.type === "radio";
  const valueOf = (one) => {
    if (isTicked(one)) return one.checked;
    return one.multiple ? [...one.selectedOptions].map((option) => option.value) : one.value;
  };
  const keyOf = (one) => (isTicked(one) ? `${one.name}=${one.value}` : one.name);

  const keep = () => {
    const typed = forms().map((form) => controls(form).map((one) => [keyOf(one), valueOf(one)]));
    if (typed.some((fields) => fields.length)) kept.setItem(mine + here(), JSON.stringify(typed));
  };

  const fill = (one, value) => {
    if (valueOf(one) === value) return;
    if (isTicked(one)) one.checked = value;
    else if (one.multiple) for (const option of one.options) option.selected = value.includes(option.value);
    else one.value = value;
    one.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const say = (words) => {
    const note = document.createElement("p");
    note.className = "cw-message cw-tone-info";
    note.setAttribute("role", "status");
    note.textContent = words;
    document.querySelector("main").prepend(note);
  };

  const putBack = () => {
    forget((key) => key.startsWith(mine));
    const text = kept.getItem(mine + here());
    if (!text) return;
    kept.removeItem(mine + here());
    const typed = JSON.parse(text);
    forms().forEach((form, number) => {
      const values = new Map(typed[number] || []);
      for (const one of controls(form)) if (values.has(keyOf(one))) fill(one, values.get(keyOf(one)));
    });
    say("What you had typed before you were signed out is back. Nothing was sent.");
  };

  // How long the session still has; asking is no sign of a person unless `attended`.
  const left = async (attended) => {
    const headers = attended ? {} : { "X-Unattended": "1" };
    const answer = await fetch(ask, { headers, redirect: "manual", cache: "no-store" });
    if (answer.type === "opaqueredirect" || !answer.ok) return { left: 0, extends: false };
    return answer.json();
  };

  const dialog = document.createElement("dialog");
  dialog.className = "cw-dialog";
  dialog.setAttribute("role", "alertdialog");
  dialog.setAttribute("aria-labelledby", "cw-idle-title");
  dialog.setAttribute("aria-describedby", "cw-idle-text");
  const title = Object.assign(document.createElement("h2"), { id: "cw-idle-title" });
  const text = Object.assign(document.createElement("p"), { id: "cw-idle-text" });
  const clock = Object.assign(document.createElement("p"), { className: "cw-idle-clock" });
  clock.setAttribute("aria-hidden", "true");
  const actions = Object.assign(document.createElement("div"), { className: "cw-dialog-actions" });
  const stay = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-primary" });
  actions.append(stay);
  dialog.append(title, text, clock, actions);
  document.body.append(dialog);

  let ends = 0; // the moment the session is over, on this page's own clock
  let extendable = true;
  let timer = 0;

  const over = () => {
    keep();
    window.location.assign(`${signIn}?next=${encodeURIComponent(here())}`);
  };

  const words = () => {
    title.textContent = extendable ? "Are you still there?" : "You will soon be signed out";
    text.textContent = extendable
      ? "Nothing was done here for a while. You will be signed out soon; press any key to stay. What you typed is kept until you sign in again."
      : "A session lasts one working day. What you typed is kept until you sign in again; better send it now.";
    stay.textContent = extendable ? "Stay signed in" : "Go on";
  };

  const draw = () => {
    const seconds = Math.max(0, Math.round((ends - Date.now()) / 1000));
    clock.textContent = `${Math.floor(seconds / MINUTE)}:${String(seconds % MINUTE).padStart(2, "0")}`;
  };

  const schedule = (state) => {
    ends = Date.now() + state.left * 1000;
    extendable = state.extends;
    clearTimeout(timer);
    timer = setTimeout(check, Math.max(1, state.left - Number(warn)) * 1000);
  };

  // Another tab, or a part of this page, may have been in use meanwhile: the server knows.
  const check = async () => {
    clearTimeout(timer);
    let state;
    try {
      state = await left(false);
    } catch {
      state = { left: (ends - Date.now()) / 1000, extends: extendable }; // no network: count on
    }
    if (state.left <= 0) return over();
    if (state.left > Number(warn) + 1) {
      if (dialog.open) dialog.close();
      return schedule(state);
    }
    ends = Date.now() + state.left * 1000;
    extendable = state.extends;
    if (!dialog.open && !dialog.dataset.seen) {
      words();
      dialog.showModal();
      stay.focus();
    }
    draw();
    timer = setTimeout(tick, 1000);
  };

  const tick = () => {
    draw();
    const seconds = (ends - Date.now()) / 1000;
    // The server is asked now and then: whoever stays in another tab stays in this one.
    const soon = seconds <= 0 || Math.round(seconds) % 15 === 0;
    timer = setTimeout(soon ? check : tick, 1000);
  };

  const remain = async () => {
    dialog.close();
    if (!extendable) {
      dialog.dataset.seen = "";
      return;
    }
    schedule(await left(true));
  };

  stay.addEventListener("click", remain);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    remain();
  });
  dialog.addEventListener("keydown", (event) => {
    if (["Tab", "Shift", "Control", "Alt", "Meta", "Escape", "Enter", " "].includes(event.key)) return;
    event.preventDefault();
    remain();
  });
  // A laptop that slept through it all finds out when it wakes.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && Date.now() >= ends - Number(warn) * 1000) check();
  });

  // data-asks-first: a form with more in it than anybody types twice. A session that ended
  // elsewhere would take it along: whether it lasts is asked before the form is sent.
  let asking = false;
  const askFirst = async (event) => {
    const form = event.target;
    if (!form.hasAttribute("data-asks-first") || "asked" in form.dataset) return;
    event.preventDefault();
    if (asking) return;
    asking = true;
    const state = await left(true).catch(() => ({ left: 1 })); // no network: the browser says so
    asking = false;
    if (state.left <= 0) return over();
    form.dataset.asked = "";
    form.requestSubmit(event.submitter);
    delete form.dataset.asked;
  };
  document.addEventListener("submit", askFirst, true); // before clearwork.js takes it for sent

  putBack();
  schedule({ left: Number(meta.dataset.left), extends: true });
})();
