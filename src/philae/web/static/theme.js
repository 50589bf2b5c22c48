// Before the first paint: the colours of the system, unless the reader chose others.
const dark = window.matchMedia("(prefers-color-scheme: dark)");

function applyTheme() {
  const root = document.documentElement;
  if (root.dataset.theme === "auto") {
    root.dataset.bsTheme = dark.matches ? "dark" : "light";
  }
}

dark.addEventListener("change", applyTheme);
applyTheme();
