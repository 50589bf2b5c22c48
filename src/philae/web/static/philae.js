// What pages do beyond plain forms and links; each works without.

// The reader's way of writing dates, in the language of the page.
const language = document.documentElement.lang;
const locale = navigator.languages.find((each) => each.startsWith(language)) ?? language;
const moments = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" });
const briefly = new Intl.DateTimeFormat(locale, { dateStyle: "short", timeStyle: "short" });

function localizeTimes() {
  for (const time of document.querySelectorAll("time[datetime]")) {
    const words = ("brief" in time.dataset ? briefly : moments).format(new Date(time.dateTime));
    if (time.textContent !== words) time.textContent = words;
  }
}

// A moment that is asked for, input[data-utc], is written in the reader's zone; the address holds it in UTC.
function toSeconds(at) {
  return at.toISOString().slice(0, 19);
}

function inUtc(field) {
  const { shown, at } = field.dataset; // an hour that a clock shows twice stays the one that it was
  return field.value === shown ? at : `${toSeconds(new Date(field.value))}Z`;
}

function askInOwnZone(field) {
  const [label] = field.labels;
  label.textContent = label.textContent.replace("UTC", moments.resolvedOptions().timeZone);
  if (field.value) {
    const at = new Date(`${field.value}Z`);
    field.value = toSeconds(new Date(at - 60_000 * at.getTimezoneOffset()));
    Object.assign(field.dataset, { shown: field.value, at: `${toSeconds(at)}Z` });
  }
  const tell = () => (field.title = field.value && inUtc(field).replace("T", " ").replace("Z", " UTC"));
  field.addEventListener("input", tell);
  field.form.addEventListener("formdata", ({ formData }) => field.value && formData.set(field.name, inUtc(field)));
  tell();
}
for (const field of document.querySelectorAll("input[data-utc]")) askInOwnZone(field);

// Parts of a form that belong to one choice: data-when="name=value".
function showWhatApplies(form) {
  for (const part of form.querySelectorAll("[data-when]")) {
    const [name, value] = part.dataset.when.split("=");
    const control = form.elements.namedItem(name);
    if (!control) continue;
    const isOn = control.type === "checkbox" ? control.checked === (value === "on") : control.value === value;
    part.hidden = !isOn;
    for (const field of part.querySelectorAll("[required], [data-required]")) {
      field.dataset.required = "";
      field.required = isOn && !field.closest("[hidden]");
    }
  }
}

document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (!form) return;
  if (form.matches("[data-submit-on-change]")) form.requestSubmit();
  if (form.querySelector("[data-when]")) showWhatApplies(form);
  if (event.target.matches("[data-choose-all]")) {
    for (const box of document.querySelectorAll(event.target.dataset.chooseAll)) box.checked = event.target.checked;
  }
});

// Whoever leaves a form that he changed is asked.
let unsaved = false;
document.addEventListener("input", (event) => {
  if (event.target.closest("form[data-guard]")) unsaved = true;
});
document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (question && !window.confirm(question)) {
    event.preventDefault();
    return;
  }
  unsaved = false;
});
window.addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  button.classList.add("copied");
});

// A file dropped on a zone is read into the text beside it.
async function readInto(zone, file) {
  const target = document.getElementById(zone.dataset.into);
  target.value = await file.text();
  target.dispatchEvent(new Event("input", { bubbles: true }));
  zone.querySelector("input[type=file]").value = "";
}
for (const zone of document.querySelectorAll("[data-into]")) {
  zone.addEventListener("dragover", (event) => event.preventDefault());
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) readInto(zone, event.dataTransfer.files[0]);
  });
  zone.querySelector("input[type=file]")?.addEventListener("change", (event) => readInto(zone, event.target.files[0]));
}

// Rows in the order of a column: a click on its heading, again for the reverse.
function sortBy(heading) {
  const table = heading.closest("table");
  const column = [...heading.parentElement.children].indexOf(heading);
  const direction = heading.ariaSort === "ascending" ? -1 : 1;
  const isGrouped = table.tBodies.length > 1; // each body is a row, and what is told below it
  const parts = isGrouped ? [...table.tBodies] : [...table.tBodies[0].rows];
  const text = (part) => (isGrouped ? part.rows[0] : part).cells[column]?.textContent.trim() ?? "";
  parts.sort((one, other) => direction * text(one).localeCompare(text(other), undefined, { numeric: true }));
  (isGrouped ? table : table.tBodies[0]).append(...parts);
  for (const each of heading.parentElement.children) each.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", direction === 1 ? "ascending" : "descending");
}
for (const heading of document.querySelectorAll("table[data-sortable] thead th")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "sort";
  button.append(...heading.childNodes);
  button.addEventListener("click", () => sortBy(heading));
  heading.append(button);
}

// A file dropped beside a file control is taken for it.
for (const zone of document.querySelectorAll(".drop:not([data-into])")) {
  const control = zone.querySelector("input[type=file]");
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    control.files = event.dataTransfer.files;
  });
}

for (const form of document.querySelectorAll("form")) {
  if (form.querySelector("[data-when]")) showWhatApplies(form);
}

// A table that is wider than the screen is scrolled by keyboard, too.
function letKeysScroll() {
  for (const region of document.querySelectorAll(".table-responsive")) {
    if (region.scrollWidth > region.clientWidth) region.tabIndex = 0;
  }
}
for (const event of ["htmx:after:swap", "resize"]) window.addEventListener(event, letKeysScroll);
letKeysScroll();

document.addEventListener("htmx:after:swap", localizeTimes);
localizeTimes();
