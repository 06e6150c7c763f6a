// The panel of devices: rescan, and settings that are sent together. Only what was changed is laid over what is stored,
// so entries of devices that are away for a while stay.
import { isTouched } from "./morph.js";
import { refresh } from "./refresh.js";

const HEADERS = { "X-Requested-With": "fetch", "Content-Type": "application/json" };

export function keepDevices(panel) {
  if (!panel) return;
  const rescan = panel.querySelector("[data-rescan]");
  rescan.addEventListener("click", () => during(panel, rescan, "Looking for devices", () => rescanned()));
  panel.addEventListener("submit", (event) => {
    event.preventDefault();
    during(panel, event.submitter, "Saving", () => saved(panel));
  });
  panel.addEventListener("click", (event) => {
    const button = event.target.closest("[data-forget]");
    if (button) during(panel, button, "Saving", () => forgotten(button.dataset.forget));
  });
}

// Runs one thing at a time and says how it went.
async function during(panel, button, doing, work) {
  if (panel.ariaBusy === "true") return;
  panel.ariaBusy = "true";
  if (button) button.disabled = true;
  say(panel, `${doing}…`);
  try {
    say(panel, await work());
  } catch (error) {
    say(panel, error.message, "bad");
  } finally {
    panel.ariaBusy = "false";
    if (button) button.disabled = false;
    refresh(panel.querySelector("[data-partial]"));
  }
}

function say(panel, text, tone = "") {
  const place = panel.querySelector("[data-said]");
  place.textContent = text;
  place.dataset.tone = tone;
}

async function call(method, url, value) {
  const answer = await fetch(url, { method, headers: HEADERS, body: value && JSON.stringify(value) }).catch(() => null);
  if (!answer) throw new Error("The server cannot be reached.");
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(said.error ?? `The server refused with ${answer.status}.`);
  return said;
}

async function rescanned() {
  const { gpus, note } = await call("POST", "/api/system/rescan-gpus");
  const found = `${gpus.length} ${gpus.length === 1 ? "GPU" : "GPUs"} found`;
  return note ? `${found}; ${note}.` : `${found}.`;
}

async function saved(panel) {
  const changes = {};
  const sent = fieldsOf(panel).map((field) => [field, field.value, field.checked]);
  const rows = [...panel.querySelectorAll("[data-device]")].filter((row) => fieldsOf(row).some(isTouched));
  if (rows.length) changes.gpu_config = withEntries(await stored(), rows.map(entryOf));
  const threads = panel.querySelector("[data-field=cpu_threads]");
  if (isTouched(threads)) changes.cpu_threads = threads.valueAsNumber;
  if (!Object.keys(changes).length) return "Nothing was changed.";
  await call("POST", "/api/settings", changes);
  for (const [field, value, checked] of sent) Object.assign(field, { defaultValue: value, defaultChecked: checked });
  return "Saved.";
}

async function forgotten(device) {
  await call("POST", "/api/settings", { gpu_config: (await stored()).filter((entry) => entry.device !== device) });
  return "Forgotten.";
}

async function stored() {
  return (await call("GET", "/api/settings")).gpu_config;
}

function withEntries(list, entries) {
  const fresh = new Map(entries.map((entry) => [entry.device, entry]));
  const kept = list.map((entry) => ({ ...entry, ...fresh.get(entry.device) }));
  const known = new Set(list.map((entry) => entry.device));
  return [...kept, ...entries.filter((entry) => !known.has(entry.device))];
}

function fieldsOf(row) {
  return [...row.querySelectorAll("[data-field]")];
}

function entryOf(row) {
  const { device, name, type } = row.dataset;
  const said = fieldsOf(row).map((field) => [field.dataset.field, field.type === "checkbox" ? field.checked : field.valueAsNumber]);
  return { device, name, type, ...Object.fromEntries(said) };
}
