// Choosing among many check boxes: find, all, none, how many. Without this file one
// ticks box by box.
(() => {
  "use strict";

  const boxesOf = (group) => [...group.querySelectorAll("input[type=checkbox]")];
  const choiceOf = (box) => box.closest("label").parentElement;

  const count = (group) => {
    const boxes = boxesOf(group);
    const chosen = boxes.filter((box) => box.checked).length;
    group.querySelector("[data-chosen-count]").textContent = `${chosen} of ${boxes.length} chosen`;
  };

  const narrow = (group, typed) => {
    const wanted = typed.trim().toLocaleLowerCase();
    for (const box of boxesOf(group)) {
      const text = box.closest("label").textContent.toLocaleLowerCase();
      choiceOf(box).hidden = !text.includes(wanted);
    }
  };

  // All and none act on what is in sight, so that one can find, then choose all found.
  const choose = (group, checked) => {
    for (const box of boxesOf(group)) if (!choiceOf(box).hidden) box.checked = checked;
    count(group);
  };

  for (const group of document.querySelectorAll("[data-choices]")) {
    group.querySelector("[data-choose-bar]").hidden = false;
    group.querySelector("[data-narrows]").addEventListener("input", (event) => {
      narrow(group, event.target.value);
    });
    group.addEventListener("change", () => count(group));
    for (const button of group.querySelectorAll("[data-choose]")) {
      button.addEventListener("click", () => choose(group, button.dataset.choose === "all"));
    }
    count(group);
  }
  document.querySelector("[data-plan]")?.focus();
})();
