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
  show(step > 0 ? after[0] : before[before.length - 1]);
}

function toDoubt() {
  const cuts = [...document.querySelectorAll("[data-cut]")];
  show(cuts.reduce((least, cut) => (least && Number(least.dataset.cut) <= Number(cut.dataset.cut) ? least : cut), null));
}

function show(block) {
  block?.focus();
  block?.scrollIntoView({ block: "center" });
}

function toRow(step) {
  const rows = [...document.querySelectorAll(".documents tbody th a")];
  const here = rows.indexOf(document.activeElement);
  rows[here < 0 ? 0 : here + step]?.focus();
  return rows.length > 0;
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  const within = document.activeElement?.closest?.(".block");
  const link = within?.querySelector(`[data-key="${CSS.escape(event.key)}"]`) ?? document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (link) link.click();
  else if (event.key === "n") toCut(1);
  else if (event.key === "p") toCut(-1);
  else if (event.key === "d") toDoubt();
  else if ((event.key === "j" || event.key === "k") && toRow(event.key === "j" ? 1 : -1)) { /* a row has the focus */ }
  else if (event.key === "e") document.querySelectorAll(".edits").forEach((edits) => { edits.open = !edits.open; });
  else return;
  event.preventDefault();
});

// Airflow's own API, with the rights of whoever is logged in; every parameter is sent, for a cleared run would keep its old ones.
async function airflow(path, body) {
  const answer = await fetch(`../api/v2/${path}`, body && {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(typeof told.detail === "string" ? told.detail : `Airflow answered ${answer.status}`);
  return told;
}
async function parameters(changed) {
  const { params } = await airflow("dags/clean_articles/details");
  return { ...Object.fromEntries(Object.entries(params).map(([name, param]) => [name, param.value])), ...changed };
}
const ACTIONS = {
  async backfill({ first, last }) {
    const made = await airflow("backfills", {
      dag_id: "clean_articles", from_date: `${first}T00:00:00Z`, to_date: `${last}T00:00:00Z`, reprocess_behavior: "completed",
      max_active_runs: 2, dag_run_conf: await parameters({}),
    });
    return [`Backfill ${made.id} of ${first} to ${last} is on its way`, "dags/clean_articles/backfills"];
  },
  async again({ again }) {
    const conf = await parameters({ date: again, force: true });
    const made = await airflow("dags/clean_articles/dagRuns", { logical_date: null, conf });
    return [`Run ${made.dag_run_id} cleans ${again} again`, `dags/clean_articles/runs/${encodeURIComponent(made.dag_run_id)}`];
  },
};
addEventListener("click", async (event) => {
  const button = event.target.closest("[data-backfill], [data-again]");
  if (!button) return;
  const told = button.parentElement.querySelector("[data-told]");
  button.disabled = true;
  told.textContent = "Asking Airflow ...";
  try {
    const [words, page] = await ACTIONS["backfill" in button.dataset ? "backfill" : "again"](button.dataset);
    const link = document.createElement("a");
    link.textContent = "see it in Airflow";
    link.href = `../${page}`;
    link.addEventListener("click", (click) => {
      if (parent === window) return;
      click.preventDefault(); // the frame may not navigate Airflow's page, but that page may follow a link of its own
      const outer = parent.document.createElement("a");
      outer.href = link.href;
      parent.document.body.append(outer);
      outer.click();
    });
    told.replaceChildren(`${words}: `, link);
  } catch (error) {
    told.textContent = `${error.message}. Nothing was started.`;
    button.disabled = false;
  }
});
