// Small behaviours of the pages. Each is declared by a data attribute; every page
// works without this file, only less comfortably.
(() => {
  "use strict";

  // data-shown-when="field=value" or "field=one,two": show the section, and send its
  // fields, only while the form's field has that value.
  const valueOf = (form, name) => {
    const data = new FormData(form).getAll(name);
    return data.length ? data : [""];
  };

  const updateSections = (form) => {
    const sections = [...form.querySelectorAll("[data-shown-when]")];
    for (const section of sections) {
      const [name, wanted] = section.dataset.shownWhen.split("=");
      const values = wanted.split(",");
      section.hidden = !valueOf(form, name).some((value) => values.includes(value));
      for (const control of section.querySelectorAll("input, select, textarea")) {
        control.disabled = Boolean(control.closest("[data-shown-when][hidden]"));
      }
    }
  };

  // A form is sent once: its button shows progress until the next page.
  const busy = (form, button) => {
    form.dataset.sent = "";
    if (!button) return;
    button.setAttribute("aria-busy", "true");
    // After the event: a disabled button's own name and value would not be sent.
    setTimeout(() => (button.disabled = true), 0);
  };

  const ready = (form) => {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-busy=true]")) {
      button.removeAttribute("aria-busy");
      button.disabled = false;
      // Disabled, it lost the keyboard's place; it has it back unless that went on meanwhile.
      if (document.activeElement === document.body) button.focus({ preventScroll: true });
    }
  };

  const onSubmit = (event) => {
    const form = event.target;
    if (form.method === "dialog" || form.matches("[hx-get], [hx-post]")) return;
    if ("sent" in form.dataset) {
      event.preventDefault();
      return;
    }
    if (event.defaultPrevented) return;
    busy(form, event.submitter || form.querySelector("[type=submit]"));
    // A download leaves the page in place: the button must come back.
    if (form.hasAttribute("data-download") || event.submitter?.hasAttribute("data-download")) {
      setTimeout(() => ready(form), 3000);
    }
  };

  // data-selection: a form with check boxes; counts them, selects all, and enables the
  // buttons that need a selection.
  const updateSelection = (form) => {
    const boxes = [...form.querySelectorAll("tbody input[type=checkbox]")];
    const count = boxes.filter((box) => box.checked).length;
    for (const place of form.querySelectorAll("[data-selected-count]")) place.textContent = count;
    for (const button of form.querySelectorAll("[data-needs-selection]")) button.disabled = !count;
    const all = form.querySelector("[data-select-all]");
    if (!all) return;
    all.checked = count > 0 && count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
  };

  const selectAll = (form, checked) => {
    for (const box of form.querySelectorAll("tbody input[type=checkbox]")) box.checked = checked;
  };

  const onChange = (event) => {
    const form = event.target.form;
    if (!form) return;
    updateSections(form);
    if (!form.hasAttribute("data-selection")) return;
    if (event.target.hasAttribute("data-select-all")) selectAll(form, event.target.checked);
    updateSelection(form);
  };

  const closeMenus = (except) => {
    for (const menu of document.querySelectorAll(".cw-menu[open]")) {
      if (menu !== except) menu.open = false;
    }
  };

  const onClick = (event) => {
    const target = event.target;
    closeMenus(target.closest(".cw-menu"));
    const opener = target.closest("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens)?.showModal();
    if (target.closest("[data-closes]")) target.closest("dialog")?.close();
    if (target.closest("[data-print]")) window.print();
  };

  const onKey = (event) => {
    // data-filters: fields that narrow down a list within a form; Enter does not send the form.
    if (event.key === "Enter" && event.target.matches("[data-filters] input")) {
      event.preventDefault();
      event.target.dispatchEvent(new Event("change", { bubbles: true }));
    }
    if (event.key !== "Escape") return;
    const open = document.querySelector(".cw-menu[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  };

  const prepare = (root) => {
    for (const form of root.querySelectorAll("form")) {
      updateSections(form);
      if (form.hasAttribute("data-selection")) updateSelection(form);
    }
  };

  const failed = (shown) => {
    for (const alert of document.querySelectorAll("[data-request-failed]")) alert.hidden = !shown;
  };

  // data-choices="field": what was chosen while new choices were on their way is not lost with
  // the old ones. These are asked for anew, so that they hold it.
  const chosenMeanwhile = ({ target, requestConfig }) => {
    const name = target.dataset?.choices;
    if (!name) return false;
    return new FormData(target.closest("form")).get(name) !== requestConfig.formData.get(name);
  };

  // A whole page in answer to a part of one means the session ended: go and sign in.
  const onSwap = (event) => {
    const { xhr, target, requestConfig } = event.detail;
    if (chosenMeanwhile(event.detail)) {
      event.detail.shouldSwap = false;
      requestConfig.elt.dispatchEvent(new Event("change", { bubbles: true }));
      return;
    }
    if (target === document.body || !/^\s*<!doctype/i.test(xhr.responseText)) return;
    event.detail.shouldSwap = false;
    window.location.reload();
  };

  document.addEventListener("submit", onSubmit);
  document.addEventListener("change", onChange);
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onKey);
  document.addEventListener("htmx:beforeSwap", onSwap);
  document.addEventListener("htmx:load", ({ detail: { elt } }) => {
    const form = elt.closest("form");
    if (form) updateSections(form);
    prepare(elt);
  });
  document.addEventListener("htmx:afterOnLoad", () => failed(false));
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, () => failed(true));
  }
  // Back from the browser's cache, the form is as it was left: sent.
  window.addEventListener("pageshow", () => document.querySelectorAll("form").forEach(ready));
  prepare(document);
  document.querySelector("[data-error-summary]")?.focus();
})();
