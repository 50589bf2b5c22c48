// What somebody typed outlives the end of the session: it waits in this tab until the same person has signed in again.
// Secrets and files are not kept, and signing out forgets everything.

const KEPT = "philae-draft";
const STORED = "<stored>"; // what a form shows of a secret that the gateway has
const writer = document.body.dataset.user;
const atTheDoor = document.querySelector("[data-kept]");
const isDraft = new URLSearchParams(window.location.search).get("done") === "draft";
let isTyped = isDraft;

function withoutSecret(control, value) {
  if (control.type === "password") return [value, control.defaultValue].includes(STORED) ? STORED : "";
  return "secret" in control.dataset ? value.replace(/:(?!\s*<stored>\s*$).*$/gm, ":") : value;
}

function fieldsOf(form) {
  return [...new FormData(form)]
    .filter(([, value]) => typeof value === "string")
    .map(([name, value]) => {
      const found = form.elements.namedItem(name);
      return [name, withoutSecret(found instanceof RadioNodeList ? found[0] : found, value)];
    });
}

function keep() {
  const form = document.querySelector("form[data-draft]");
  if (!form || !writer || !isTyped) return;
  const shown = new URL(form.dataset.draft || form.getAttribute("action"), window.location);
  shown.searchParams.set("done", "draft");
  sessionStorage.setItem(KEPT, JSON.stringify({ writer, shown, fields: fieldsOf(form) }));
}

function giveBack({ shown, fields }) {
  const form = document.createElement("form");
  Object.assign(form, { method: "post", action: shown, hidden: true });
  for (const [name, value] of fields) form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  document.body.append(form);
  form.submit();
}

document.addEventListener("input", (event) => {
  if (event.target.form?.matches("[data-draft]")) isTyped = true;
});
document.addEventListener("click", (event) => {
  if (event.target.closest("form[data-draft] [data-step]")) isTyped = true;
});
document.addEventListener("submit", (event) => {
  if (event.target.getAttribute("action") === "/sign-out") isTyped = false;
  else if (!event.defaultPrevented && event.target.matches("[data-draft]")) isTyped = true;
  keep();
});
document.addEventListener("htmx:before:response", (event) => {
  if (event.detail.ctx.response.status === 401) unsaved = false; // nothing is lost by leaving
});
window.addEventListener("pagehide", keep);

if (isDraft) unsaved = true;
const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
if (kept && atTheDoor) {
  atTheDoor.hidden = false;
  sessionStorage.setItem(KEPT, JSON.stringify({ ...kept, isLost: true }));
} else if (kept && writer) {
  sessionStorage.removeItem(KEPT);
  if (kept.isLost && kept.writer === writer) giveBack(kept);
}
