// What is live on a page comes by one event stream, which is open only while somebody looks at the page.

const standing = document.querySelector("[data-live=standing]");
const notice = document.querySelector("[data-live=deliveries]");
let stream = null;

function showStanding(event) {
  if (window.htmx) window.htmx.swap({ text: event.data, target: standing, sourceElement: standing, swap: "innerMorph" });
  else standing.innerHTML = event.data;
}

// What is read stays where it is: a line above it says that there is more.
function showHowMany(event) {
  const more = Number(event.data) - Number(notice.dataset.opened);
  if (more <= 0) return;
  notice.querySelector("[data-count]").textContent = new Intl.NumberFormat(document.documentElement.lang).format(more);
  notice.hidden = false;
}

function listen() {
  if (stream || document.hidden) return;
  stream = new EventSource(`/live/events?part=${standing ? "standing" : "deliveries"}`);
  if (standing) stream.addEventListener("standing", showStanding);
  if (notice) stream.addEventListener("opened", showHowMany);
  stream.addEventListener("error", () => {
    if (stream?.readyState === EventSource.CLOSED) window.location.reload();
  });
}

function rest() {
  stream?.close();
  stream = null;
}

if (standing || notice) {
  document.addEventListener("visibilitychange", () => (document.hidden ? rest() : listen()));
  window.addEventListener("pagehide", rest);
  window.addEventListener("pageshow", listen);
  listen();
}
