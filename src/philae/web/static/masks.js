// Rectangles of a mask, drawn on a sample image with the mouse; each is a line "x y width height" of a field.

const SVG = "http://www.w3.org/2000/svg";
let area = null;

function canvas() {
  return document.querySelector(".canvas-image svg");
}

// The field that is drawn into: the one written in last, else that of the first mask that stands open.
function target() {
  if (area?.isConnected) return area;
  return document.querySelector("details[open] textarea[name^='masks.'][name$='.rectangles']");
}

function numbers(line) {
  const found = line.trim().split(/\s+/).map(Number);
  return found.length === 4 && found.every(Number.isInteger) ? found : null;
}

function shape([x, y, width, height], kind) {
  const rect = document.createElementNS(SVG, "rect");
  const places = { x, y, width: width + 1, height: height + 1 };
  for (const [name, value] of Object.entries(places)) rect.setAttribute(name, String(value));
  if (kind === "keep") rect.setAttribute("class", "keep");
  return rect;
}

function show() {
  const svg = canvas();
  const field = target();
  if (!svg) return;
  const rects = field ? field.value.split("\n").map(numbers).filter(Boolean) : [];
  svg.replaceChildren(...rects.map((each) => shape(each, field.name.endsWith(".keep") ? "keep" : "")));
}

function pixel(svg, event) {
  const { left, top, width, height } = svg.getBoundingClientRect();
  const { columns, rows } = svg.closest(".canvas").dataset;
  const inside = (share, size) => Math.min(Math.max(Math.floor(share * size), 0), size - 1);
  return [inside((event.clientX - left) / width, Number(columns)), inside((event.clientY - top) / height, Number(rows))];
}

function between([x1, y1], [x2, y2]) {
  return [Math.min(x1, x2), Math.min(y1, y2), Math.abs(x2 - x1), Math.abs(y2 - y1)];
}

document.addEventListener("pointerdown", (event) => {
  const svg = event.target.closest?.(".canvas-image svg");
  if (!svg || event.button !== 0) return;
  event.preventDefault();
  svg.setPointerCapture(event.pointerId);
  const first = pixel(svg, event);
  const drawn = svg.appendChild(shape([...first, 0, 0], ""));
  const told = svg.closest(".canvas").querySelector("[data-pointer]");
  let rectangle = null;

  function move(moved) {
    rectangle = between(first, pixel(svg, moved));
    const [x, y, width, height] = rectangle;
    const places = { x, y, width: width + 1, height: height + 1 };
    for (const [name, value] of Object.entries(places)) drawn.setAttribute(name, String(value));
    told.textContent = rectangle.join(" ");
  }

  function end() {
    svg.removeEventListener("pointermove", move);
    const field = target();
    if (rectangle && field) addLine(field, rectangle.join(" "));
    show();
  }

  svg.addEventListener("pointermove", move);
  svg.addEventListener("pointerup", end, { once: true });
  svg.addEventListener("pointercancel", end, { once: true });
});

document.addEventListener("focusin", (event) => {
  if (event.target.matches("textarea[name^='masks.']")) {
    area = event.target;
    show();
  }
});
document.addEventListener("input", (event) => {
  if (event.target.matches("textarea[name^='masks.']")) show();
});
document.addEventListener("toggle", show, true);
document.addEventListener("htmx:after:swap", show);
