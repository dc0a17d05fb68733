// Makes pages quicker; every page works without it.  Behaviour is asked for by data- attributes:
//   form[data-autosubmit]            sends itself when a choice is changed by pointer; by keyboard Enter or its button does
//   button[data-confirm="question"]  asks first
//   input[type=file]                 takes files that are dropped on it
//   [data-print]                     prints the page
//   [data-copy="#id"]                copies the text of an element
//   body / section[data-refresh=60]  reloads the page after so many seconds, unless somebody is typing
//   [data-check-all="name"]          ticks all boxes of that name
"use strict";
(() => {
  const all = (selector, act) => document.querySelectorAll(selector).forEach(act);

  // By keyboard every step through a choice is a change: sending then would take the page away below the fingers.
  let isByKey = false;
  document.addEventListener("keydown", () => { isByKey = true; }, true);
  document.addEventListener("pointerdown", () => { isByKey = false; }, true);
  all("form[data-autosubmit]", (form) => {
    form.addEventListener("change", (event) => {
      if (!isByKey && !event.target.matches("input[type=search], input[type=text]")) form.requestSubmit();
    });
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-confirm]");
    if (button && !window.confirm(button.dataset.confirm)) event.preventDefault();
    if (event.target.closest("[data-print]")) window.print();
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      const shown = document.querySelector(copy.dataset.copy);
      navigator.clipboard?.writeText(shown.value ?? shown.textContent.trim());
      copy.setAttribute("data-done", "");
    }
  });

  // A change is sent once, however often the button is pressed.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    if (event.defaultPrevented) return;
    form.dataset.sent = "yes";
    window.addEventListener("pageshow", () => delete form.dataset.sent, { once: true });
  });

  all("input[type=file]", (input) => {
    for (const kind of ["dragover", "dragleave", "drop"]) {
      input.addEventListener(kind, () => input.classList.toggle("over", kind === "dragover"));
    }
  });

  all("[data-check-all]", (box) => {
    box.hidden = false;
    box.addEventListener("change", () => {
      all(`input[type=checkbox][name="${box.dataset.checkAll}"]`, (one) => {
        if (one.checked === box.checked) return;
        one.checked = box.checked;
        one.dispatchEvent(new Event("change", { bubbles: true }));
      });
    });
  });

  // On a phone, ways and tabs are wider than the screen: the one that leads here is brought into sight.
  all(".ways [aria-current], .tabs [aria-current]", (here) => {
    const bar = here.closest(".ways, .tabs");
    bar.scrollLeft = here.offsetLeft - (bar.clientWidth - here.offsetWidth) / 2;
  });

  all("[data-refresh]", (part) => {
    window.setInterval(() => {
      const isTyping = document.activeElement?.matches("input, textarea, select");
      if (!isTyping && !document.hidden) window.location.reload();
    }, Number(part.dataset.refresh) * 1000);
  });

  // An open menu closes when something else is pressed.
  document.addEventListener("click", (event) => {
    all("details.menu[open]", (menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    all("details.menu[open]", (menu) => {
      if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
      menu.open = false;
    });
  });
})();
