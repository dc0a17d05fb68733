// Lets lines of the draft agenda be dragged within their section; each drop is saved at once by the form's own action.
// Whoever uses the keyboard has the buttons, which work without this script.
"use strict";
document.querySelectorAll("[data-sortable]").forEach((list) => {
  const told = document.getElementById("sorted");
  let taken = null, origin = null, turn = 0, saving = Promise.resolve();
  const linesOf = (section) => [...list.querySelectorAll(`[data-key][data-section="${section}"]`)];
  const say = (text) => { told.textContent = text; };

  const save = (line, back) => {
    const lines = linesOf(line.dataset.section), place = lines.indexOf(line);
    const before = lines[place + 1]?.dataset.key ?? "";
    const body = new URLSearchParams({ csrf: list.dataset.csrf, key: line.dataset.key, before, turn: ++turn });
    saving = saving.then(async () => {
      try {
        const answer = await fetch(list.dataset.sortable, { method: "POST", body, redirect: "manual" });
        if (answer.type !== "opaqueredirect") throw new Error(String(answer.status));
        say(list.dataset.saved.replace("{place}", place + 1).replace("{count}", lines.length));
      } catch {
        list.insertBefore(line, back);
        say(list.dataset.failed);
      }
      told.classList.remove("visually-hidden");
    });
  };

  list.querySelectorAll(".handle").forEach((handle) => {
    const line = handle.closest("[data-key]");
    handle.addEventListener("mousedown", () => { line.draggable = true; });
    handle.addEventListener("mouseup", () => { line.draggable = false; });
  });
  list.addEventListener("dragstart", (event) => {
    taken = event.target.closest?.("[data-key]");
    if (!taken) return;
    origin = taken.nextSibling;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", taken.dataset.key);
    taken.classList.add("taken");
  });
  list.addEventListener("dragover", (event) => {
    if (!taken) return;
    const over = event.target.closest?.("[data-key]");
    if (over?.dataset.section !== taken.dataset.section) return;
    event.preventDefault();
    if (over === taken) return;
    const box = over.getBoundingClientRect();
    over[event.clientY < box.top + box.height / 2 ? "before" : "after"](taken);
  });
  list.addEventListener("drop", (event) => { if (taken) event.preventDefault(); });
  list.addEventListener("dragend", (event) => {
    if (!taken) return;
    const line = taken, back = origin;
    taken = origin = null;
    line.draggable = false;
    line.classList.remove("taken");
    if (event.dataTransfer.dropEffect === "none") list.insertBefore(line, back);
    else if (line.nextSibling !== back) save(line, back);
  });
});
