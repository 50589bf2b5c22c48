// What pages do beyond plain forms and links; each works without.

const moments = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "medium" });

function localizeTimes() {
  for (const time of document.querySelectorAll("time[datetime]")) {
    const words = moments.format(new Date(time.dateTime));
    if (time.textContent !== words) time.textContent = words;
  }
}

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
}
for (const zone of document.querySelectorAll("[data-into]")) {
  zone.addEventListener("dragover", (event) => event.preventDefault());
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) readInto(zone, event.dataTransfer.files[0]);
  });
  zone.querySelector("input[type=file]")?.addEventListener("change", (event) => readInto(zone, event.target.files[0]));
}

for (const form of document.querySelectorAll("form")) {
  if (form.querySelector("[data-when]")) showWhatApplies(form);
}
document.addEventListener("htmx:after:swap", localizeTimes);
localizeTimes();
