// What the pages gain where scripts run. Without this file everything still works.
"use strict";

// The reader's time zone, for whoever has chosen none: the next page is in it.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.includes("accord_zone=")) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `accord_zone=${encodeURIComponent(zone)}; path=/; max-age=31536000; samesite=lax${secure}`;
}

// "/" goes to the search field, as on many pages.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const field = document.querySelector('[data-key="/"]');
    if (field) { event.preventDefault(); field.focus(); }
  }
  if (event.key === "Escape") {
    for (const open of document.querySelectorAll("details.who[open]")) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  }
});

document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details.who[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
  const button = event.target.closest("[data-copy]");
  if (button) navigator.clipboard.writeText(button.parentElement.querySelector("pre").textContent);
});

// Copying needs a script, so its buttons appear with it (the clipboard needs a secure context).
const showCopying = (root) => {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
};
showCopying(document);
document.addEventListener("htmx:afterSwap", (event) => showCopying(event.target));

// Many choices are narrowed by what is typed; what is ticked stays in sight.
for (const field of document.querySelectorAll("[data-narrow]")) {
  field.hidden = false;
  field.addEventListener("input", () => {
    const asked = field.value.trim().toLocaleLowerCase();
    for (const tick of field.parentElement.querySelectorAll(".tick")) {
      const said = tick.textContent.toLocaleLowerCase();
      tick.hidden = !tick.querySelector("input").checked && !said.includes(asked);
    }
  });
  field.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
}

// A form is sent once, however often a tired hand clicks.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post") return;
  if (event.target.dataset.sent) { event.preventDefault(); return; }
  event.target.dataset.sent = "1";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
