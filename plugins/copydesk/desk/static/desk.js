"use strict";
// The theme is Airflow's: its choice lies in this origin's storage, or it follows the system.
function theme() {
  let chosen = null;
  try { chosen = localStorage.getItem("theme"); } catch { /* storage is closed: the system decides */ }
  const dark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}
theme();
addEventListener("storage", theme);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", theme);

function toCut(step) {
  const cuts = [...document.querySelectorAll("[data-cut]")];
  const here = document.activeElement?.closest?.(".block") ?? null;
  const follows = Node.DOCUMENT_POSITION_FOLLOWING;
  const after = cuts.filter((cut) => !here || here.compareDocumentPosition(cut) & follows);
  const before = cuts.filter((cut) => here && cut.compareDocumentPosition(here) & follows);
  const next = step > 0 ? after[0] : before[before.length - 1];
  next?.focus();
  next?.scrollIntoView({ block: "center" });
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  const within = document.activeElement?.closest?.(".block");
  const link = within?.querySelector(`[data-key="${CSS.escape(event.key)}"]`) ?? document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (link) link.click();
  else if (event.key === "n") toCut(1);
  else if (event.key === "p") toCut(-1);
  else if (event.key === "e") document.querySelectorAll(".edits").forEach((edits) => { edits.open = !edits.open; });
  else return;
  event.preventDefault();
});
