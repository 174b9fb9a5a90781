// The form that authorizes care shows what fits: services by kind and modality, what a DOT
// test needs, the usual last day. Everything is there without this file; the server checks.
(() => {
  "use strict";
  const form = document.querySelector("form[data-authorize]");
  if (!form) return;
  const all = (selector) => [...form.querySelectorAll(selector)];
  const chosen = (name) => new FormData(form).get(name) || "";
  const words = (text) => text.split(" ").filter(Boolean);

  // Services that do not fit are hidden and not sent; those alone on their shelf open it.
  const fitServices = () => {
    const kind = chosen("kind");
    const way = chosen("modality");
    for (const place of all("[data-fits]")) {
      const fits = words(place.dataset.fits).includes(kind) && words(place.dataset.ways).includes(way);
      place.hidden = !fits;
      place.querySelector("input").disabled = !fits;
    }
    const shelves = all("[data-shelf]");
    for (const shelf of shelves) shelf.hidden = !shelf.querySelector("[data-fits]:not([hidden])");
    const left = shelves.filter((shelf) => !shelf.hidden);
    if (left.length === 1) left[0].open = true;
  };

  const tellChosen = () => {
    const ticked = all("[name=services]:checked:not(:disabled)");
    const names = ticked.map((one) => one.closest("label").textContent.trim());
    form.querySelector("[data-services-chosen]").textContent = names.join(", ") || "none chosen yet";
    const places = all("[name=modality]:checked, [name=center]:checked:not(:disabled)");
    const where = places.map((one) => one.closest("label").textContent.trim().split("\n")[0].trim());
    const usual = form.querySelector("[data-usual-of]");
    if (usual) where.push(`the usual center of ${usual.textContent}`);
    form.querySelector("[data-where-chosen]").textContent = where.join(" · ");
  };

  const showDot = () => {
    const tests = all("[data-dot]:not([hidden])").filter((one) => one.querySelector("input").checked);
    const section = form.querySelector("[data-dot-section]");
    section.hidden = !tests.length;
    for (const control of section.querySelectorAll("input, select")) control.disabled = section.hidden;
    const drugs = tests.some((one) => one.dataset.dot === "drug");
    for (const part of section.querySelectorAll("[data-dot-drugs]")) {
      part.hidden = !drugs;
      for (const control of part.querySelectorAll("input")) control.disabled ||= !drugs;
    }
  };

  // The last day follows the modality and the first day, until someone sets it.
  const days = JSON.parse(form.dataset.validDays);
  const expires = form.elements.expires;
  let own = expires.value !== expires.defaultValue || !expires.defaultValue;
  const usualEnd = () => {
    const start = form.elements.valid_from.valueAsDate;
    const wanted = days[chosen("modality")];
    if (own || !start || !wanted) return;
    start.setUTCDate(start.getUTCDate() + wanted);
    expires.valueAsDate = start;
  };

  // An injury usually begins with a first visit, and needs no reason of its own.
  const usualForInjury = () => {
    if (chosen("kind") !== "injury") return;
    if (!all("[name=services]:checked:not(:disabled)").length) {
      const first = form.querySelector("[data-first-care]:not([hidden]) input");
      if (first) first.checked = true;
    }
    const reason = form.elements.reason;
    if (reason.value === form.dataset.usualReason) reason.value = "other";
    const more = form.querySelector("[data-more]");
    if (more && !more.querySelector("[aria-invalid]")) more.open = false;
  };

  const takePackage = (link) => {
    const { kind, modality, reason, services } = link.dataset;
    for (const [name, value] of [["kind", kind], ["modality", modality]]) {
      const choice = value && form.querySelector(`[name=${name}][value="${value}"]`);
      if (choice) choice.click();
    }
    if (reason) form.elements.reason.value = reason;
    const wanted = words(services);
    for (const box of all("[name=services]")) {
      box.checked = wanted.includes(box.value);
      if (box.checked) box.closest("details").open = true;
    }
    form.elements.reason.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const update = () => {
    fitServices();
    showDot();
    tellChosen();
  };

  form.addEventListener("change", (event) => {
    const { name } = event.target;
    if (name === "expires") own = true;
    if (["modality", "valid_from"].includes(name)) usualEnd();
    update();
    if (name === "kind") {
      usualForInjury();
      update();
    }
    const site = form.elements.worksite;
    const theirs = name === "employee" && event.target.dataset.worksite;
    if (theirs && theirs !== site.value) {
      site.value = theirs;
      site.dispatchEvent(new Event("change", { bubbles: true })); // its usual center follows
    }
  });
  form.addEventListener("click", (event) => {
    const link = event.target.closest("[data-package]");
    if (!link) return;
    event.preventDefault();
    takePackage(link);
  });
  document.addEventListener("htmx:afterSettle", update);
  update();
})();
