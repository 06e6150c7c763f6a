// The live stream. The browser reconnects by itself and names the last event it saw; a gap that the server no longer
// remembers arrives as `reset`.
const PATIENCE = 3000;

export function follow(handlers, lastId = "") {
  const source = new EventSource(`/api/events?last_event_id=${encodeURIComponent(lastId)}`);
  source.addEventListener("hello", () => handlers.state("on"));
  source.addEventListener("reset", () => {
    handlers.state("on");
    handlers.reset();
  });
  for (const name of ["job", "gone", "progress", "history", "servers", "devices", "processing"]) {
    source.addEventListener(name, (event) => handlers[name](JSON.parse(event.data)));
  }
  source.addEventListener("error", () => {
    handlers.state("off");
    if (source.readyState === EventSource.CLOSED) setTimeout(() => startAgain(handlers), PATIENCE);
  });
  addEventListener("pagehide", () => source.close());
}

// A refused stream is not retried by the browser: either the session ended, or the server is not back yet.
async function startAgain(handlers) {
  try {
    const answer = await fetch("/api/system/status");
    if (answer.status === 401) {
      location.reload();
      return;
    }
  } catch {
    setTimeout(() => startAgain(handlers), PATIENCE);
    return;
  }
  handlers.reset();
  follow(handlers);
}
