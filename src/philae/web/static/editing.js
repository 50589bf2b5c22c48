// What the pages of profiles and destinations do beyond plain forms; each works without.

// A file dropped on a zone is chosen in its control: data-drop="file", or "submit" to send the form at once.
document.addEventListener("dragover", (event) => {
  const zone = event.target.closest?.("[data-drop]");
  if (!zone || !event.dataTransfer.types.includes("Files")) return;
  event.preventDefault();
  zone.classList.add("over");
});
document.addEventListener("dragleave", (event) => event.target.closest?.("[data-drop]")?.classList.remove("over"));
document.addEventListener("drop", (event) => {
  const zone = event.target.closest?.("[data-drop]");
  if (!zone || !event.dataTransfer.files.length) return;
  event.preventDefault();
  zone.classList.remove("over");
  const control = zone.querySelector("input[type=file]");
  control.files = event.dataTransfer.files;
  control.dispatchEvent(new Event("change", { bubbles: true }));
  if (zone.dataset.drop === "submit") control.form.requestSubmit();
});

if (document.querySelector('form[data-guard="dirty"]')) unsaved = true;

// Which items of a list stand open goes with the form.
document.addEventListener(
  "toggle",
  (event) => {
    const place = event.target.dataset?.opened;
    if (place) event.target.querySelector(`input[name="${place}"]`).value = event.target.open ? "on" : "";
  },
  true,
);

// A step of the builder is a change, and brings new parts that belong to choices.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-step]")) unsaved = true;
});
document.addEventListener("htmx:after:swap", () => {
  for (const form of document.querySelectorAll("form")) if (form.querySelector("[data-when]")) showWhatApplies(form);
});

// Items are moved by dragging their grip, with the mouse or a finger.
document.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest?.(".grip");
  if (!grip || event.button !== 0) return;
  event.preventDefault();
  const item = grip.closest("[data-item]");
  item.classList.add("dragged");
  let isMoved = false;

  function move(moved) {
    const over = document.elementFromPoint(moved.clientX, moved.clientY)?.closest("[data-item]");
    if (!over || over === item || over.parentElement !== item.parentElement) return;
    const isBefore = item.compareDocumentPosition(over) & Node.DOCUMENT_POSITION_FOLLOWING;
    over[isBefore ? "after" : "before"](item);
    isMoved = true;
  }

  function end() {
    document.removeEventListener("pointermove", move);
    item.classList.remove("dragged");
    if (isMoved) item.dispatchEvent(new Event("input", { bubbles: true }));
  }

  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", end, { once: true });
});

// What the picker finds goes into the list of tags that was written in last.
let tagList = null;
document.addEventListener("focusin", (event) => {
  if (event.target.matches("textarea[name$='.tags'], textarea[name$='.excludedTags']")) tagList = event.target;
});
document.addEventListener("click", (event) => {
  const line = event.target.closest("[data-add-line]")?.dataset;
  if (line) addLine(document.getElementById(line.addTo), line.addLine);
  const tag = event.target.closest("[data-add-tag]")?.dataset.addTag;
  if (!tag) return;
  tagList = tagList?.isConnected ? tagList : document.querySelector("details[open] textarea[name$='.tags']");
  if (tagList) addLine(tagList, tag);
});

function addLine(area, line) {
  if (!area) return;
  const lines = area.value.split("\n").filter((each) => each.trim());
  if (!lines.includes(line)) lines.push(line);
  area.value = lines.join("\n");
  area.rows = Math.max(area.rows, lines.length);
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

// Faults that the server found while somebody writes stand at their fields.
document.addEventListener("htmx:after:swap", () => {
  if (!document.getElementById("written")) return;
  for (const old of document.querySelectorAll("#builder .is-invalid")) old.classList.remove("is-invalid");
  for (const old of document.querySelectorAll("#builder .invalid-feedback")) old.remove();
  for (const found of document.querySelectorAll("#written [data-fault]")) {
    const field = found.dataset.fault && document.getElementById(found.dataset.fault);
    if (!field) continue;
    field.classList.add("is-invalid");
    const words = document.createElement("div");
    words.className = "invalid-feedback";
    words.textContent = found.querySelector(".said").textContent;
    field.after(words);
  }
});

// The steps of a test appear one by one, as they are taken.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.steps || event.defaultPrevented) return;
  event.preventDefault();
  const target = document.getElementById(form.dataset.steps);
  const body = new URLSearchParams(new FormData(form, event.submitter));
  for (const button of form.querySelectorAll("button")) button.disabled = true;
  target.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Steps": "1" } });
    await showAsItComes(answer, target);
  } finally {
    for (const button of form.querySelectorAll("button")) button.disabled = false;
    target.removeAttribute("aria-busy");
  }
});

async function showAsItComes(answer, target) {
  if (!answer.ok) return window.location.reload();
  let pending = "";
  const show = (part) => {
    const rows = target.querySelector("tbody");
    if (target.dataset.begun) rows.insertAdjacentHTML("beforeend", part);
    else target.innerHTML = part;
    target.dataset.begun = "yes";
  };
  delete target.dataset.begun;
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const parts = (pending + read.value).split("\x1e");
    pending = parts.pop();
    for (const part of parts) show(part);
  }
}
