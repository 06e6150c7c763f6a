// Buttons that order something: `data-post` or `data-delete` names the address, `data-body` what is sent, `data-sure` the
// question before it, `data-then` where to go afterwards (with the id of the answer when it ends with a slash).
import { refreshAll } from "./refresh.js";

const HEADERS = { "X-Requested-With": "fetch", "Content-Type": "application/json" };

export function keepActs() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-post], button[data-delete]");
    if (button && (!button.dataset.sure || confirm(button.dataset.sure))) act(button);
  });
}

// An order and the live event about it may both lead away; a second navigation would break off the first.
let leaving = false;
addEventListener("pageshow", () => { leaving = false; });

export function leave(address) {
  if (!leaving) location.assign(address);
  leaving = true;
}

async function act(button) {
  const { post, delete: gone, body, then } = button.dataset;
  const focused = document.activeElement === button;
  button.disabled = true;
  say("");
  const answer = await fetch(post ?? gone, { method: post ? "POST" : "DELETE", headers: HEADERS, body }).catch(() => null);
  const told = (await answer?.json().catch(() => null)) ?? {};
  button.disabled = false;
  if (focused) button.focus();
  if (!answer?.ok) {
    say(told.error ?? "The server cannot be reached.", "bad");
  } else if (then) {
    leave(then.endsWith("/") && told.id && !gone ? then + encodeURIComponent(told.id) : then);
    return;
  } else if ("fired" in told) {
    say(told.fired === 1 ? "One wait was cut short." : `${told.fired} waits were cut short.`);
  }
  refreshAll();
}

function say(text, tone = "") {
  const place = document.querySelector("[data-acted]");
  if (!place) return;
  place.textContent = text;
  place.dataset.tone = tone;
}
