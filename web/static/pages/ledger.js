// Counts the chosen lines.
"use strict";
document.querySelectorAll("[data-bulk]").forEach((bar) => {
  const shown = bar.querySelector(".chosen");
  const boxes = document.querySelectorAll(`input[type=checkbox][name="${bar.dataset.bulk}"]`);
  const count = () => {
    const chosen = [...boxes].filter((box) => box.checked).length;
    bar.classList.toggle("some", chosen > 0);
    shown.textContent = chosen ? `${shown.dataset.some} ${chosen}` : shown.dataset.none;
  };
  boxes.forEach((box) => box.addEventListener("change", count));
  count();
});
