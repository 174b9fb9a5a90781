// The left and right arrow keys follow the page's "previous" and "next" links.
"use strict";

document.addEventListener("keydown", (event) => {
  const rel = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
  const busy = event.altKey || event.ctrlKey || event.metaKey || event.shiftKey;
  if (!rel || busy || event.target.closest("input, select, textarea, dialog, [contenteditable]")) {
    return;
  }
  document.querySelector(`.cw-actions a[rel="${rel}"]`)?.click();
});
