// Entry: live updates, relative times, sign-out. Everything else is plain HTML that works without a script.
import { keepActs, leave } from "./acts.js";
import { keepDevices } from "./devices.js";
import { follow } from "./live.js";
import { refresh, refreshAll } from "./refresh.js";
import { keepTimes } from "./times.js";

const page = document.querySelector("main").dataset.page;
const jobPage = document.querySelector("main").dataset.jobPage;

function card(id) {
  return document.querySelector(`[data-job="${CSS.escape(id)}"]`);
}

function jobChanged(job) {
  if (page === "job") {
    if (job.id === jobPage) refresh(document.querySelector("#job-body"));
    return;
  }
  if (page !== "dashboard") return;
  const known = card(job.id);
  if (known && known.dataset.status === job.status) {
    refresh(known, `/partials/job/${encodeURIComponent(job.id)}`);
    return;
  }
  for (const name of ["#jobs", "#servers", "#pending", "#history"]) refresh(document.querySelector(name));
}

function workerLine(worker) {
  const line = document.createElement("li");
  for (const [tag, text] of [["b", [worker.id, worker.device].filter(Boolean).join(" ")], ["span", worker.current_item], ["i", `${worker.progress} %`]]) {
    line.appendChild(document.createElement(tag)).textContent = text;
  }
  return line;
}

function progressed({ job_id: id, progress, workers }) {
  const place = page === "job" && id === jobPage ? document.querySelector("#job-body") : card(id);
  if (!place) return;
  const bar = place.querySelector("progress");
  if (bar) bar.value = progress;
  const percent = place.querySelector("[data-percent]");
  if (percent) percent.textContent = `${progress} %`;
  place.querySelector("[data-workers]")?.replaceChildren(...workers.map(workerLine));
}

function showState(state) {
  const mark = document.querySelector("#live");
  if (!mark) return;
  mark.dataset.state = state;
  mark.querySelector("[data-text]").textContent = { on: "Live", off: "Reconnecting", waiting: "Connecting" }[state];
}

// A picture whose frames are no longer kept leaves no hole.
document.addEventListener("error", (event) => {
  if (event.target instanceof HTMLImageElement) event.target.closest(".strip")?.classList.add("gone");
}, true);

document.querySelector("[data-logout]")?.addEventListener("click", async () => {
  await fetch("/logout", { method: "POST", headers: { "X-Requested-With": "fetch" } });
  location.assign("/login");
});

function jobGone({ job_id: id }) {
  if (page === "job" && id === jobPage) leave("/");
  else if (page === "dashboard") refresh(document.querySelector("#jobs"));
}

function workHeld() {
  for (const name of ["#processing", "#jobs", "#job-body"]) refresh(document.querySelector(name));
}

// Quiet hours come and go by the clock alone, without an event.
setInterval(workHeld, 60000);
keepTimes();
keepActs();
keepDevices(document.querySelector("#devices"));
if (page) {
  follow({
    state: showState,
    reset: refreshAll,
    job: jobChanged,
    gone: jobGone,
    progress: progressed,
    processing: workHeld,
    history: () => {
      for (const name of ["#pending", "#history"]) refresh(document.querySelector(name));
    },
    servers: () => refresh(document.querySelector("#servers")),
    devices: () => refresh(document.querySelector("#devices-body")),
  }, document.querySelector("main").dataset.liveId);
}
