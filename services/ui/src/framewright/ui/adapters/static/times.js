// Moments as people say them; the exact one stays in the title.
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]];
const words = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });

function said(moment) {
  const seconds = (moment - Date.now()) / 1000;
  const unit = UNITS.find(([, size]) => Math.abs(seconds) >= size);
  if (!unit) return seconds > 10 ? "soon" : "just now";
  if (unit[0] === "day" && seconds < -7 * 86400) return moment.toLocaleDateString();
  return words.format(Math.round(seconds / unit[1]), unit[0]);
}

export function showTimes() {
  for (const element of document.querySelectorAll("time[datetime]")) {
    const moment = new Date(element.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    const text = said(moment);
    if (element.textContent !== text) element.textContent = text;
    const exact = moment.toLocaleString();
    if (element.title !== exact) element.title = exact;
  }
}

export function keepTimes() {
  showTimes();
  setInterval(showTimes, 20000);
}
