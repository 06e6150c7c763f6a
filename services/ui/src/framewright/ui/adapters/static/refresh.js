// Fetching a part of the page again, at most every 700 ms for each place, and patching only what differs.
import { morph } from "./morph.js";
import { showTimes } from "./times.js";

const PAUSE = 700;
const places = new Map();

export function refresh(element, url = element?.dataset.partial && element.dataset.partial + location.search) {
  if (!element || !url) return;
  const place = places.get(url) ?? { busy: false, again: false };
  places.set(url, place);
  if (place.busy) {
    place.again = true;
    return;
  }
  place.busy = true;
  run(element, url).finally(() => setTimeout(() => {
    places.delete(url);
    if (place.again) refresh(document.getElementById(element.id) ?? element, url);
  }, PAUSE));
}

export function refreshAll() {
  for (const element of document.querySelectorAll("[data-partial]")) refresh(element);
}

async function run(element, url) {
  const answer = await fetch(url, { headers: { "X-Requested-With": "fetch" } }).catch(() => null);
  if (!answer?.ok) return;
  const fresh = document.createElement("template");
  fresh.innerHTML = await answer.text();
  if (element.dataset.partial) morph(element, fresh.content, true);
  else if (fresh.content.firstElementChild) morph(element, fresh.content.firstElementChild);
  showTimes();
}
