"use strict";
const root = document.documentElement, system = matchMedia("(prefers-color-scheme: dark)");
function remember(theme) {
  try { localStorage.setItem("theme", theme); } catch (refused) { /* then for this page only */ }
}
document.querySelector("button.theme").addEventListener("click", () => {
  const dark = (root.dataset.theme || (system.matches ? "dark" : "light")) === "dark";
  root.dataset.theme = dark ? "light" : "dark";
  remember(root.dataset.theme);
});
async function copy(text) {
  if (navigator.clipboard && isSecureContext)
    return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
for (const code of document.querySelectorAll(".cell > pre > code, .text > pre > code")) {
  const button = document.createElement("button");
  button.className = "copy";
  button.textContent = "Copy";
  button.setAttribute("aria-label", "Copy the code");
  button.addEventListener("click", async () => {
    let said = "Copied";
    try { await copy(code.textContent); } catch (refused) { said = "Not allowed"; }
    button.textContent = said;
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
  if (!code.closest(".cell")) {
    const command = document.createElement("div");
    command.className = "command";
    code.parentElement.before(command);
    command.append(code.parentElement);
  }
  code.parentElement.after(button);
}
function reachable() {
  for (const formula of document.querySelectorAll(".math.block")) {
    if (formula.scrollWidth <= formula.clientWidth) {
      for (const name of ["tabindex", "role", "aria-label"]) formula.removeAttribute(name);
      continue;
    }
    formula.tabIndex = 0;
    formula.setAttribute("role", "region");
    formula.setAttribute("aria-label", "Equation");
  }
}
document.fonts.ready.then(reachable);
addEventListener("resize", reachable);
addEventListener("keydown", event => {
  const open = event.key === "Escape" && document.querySelector(".frame:target");
  if (open) location.hash = open.parentElement.id;
});
