"use strict";

// Where a page may not use the clipboard by itself, an old command still copies.
function copySelected(text) {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "spoken";
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  return copied;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text);
  }
}

for (const button of document.querySelectorAll("button.copy")) {
  button.hidden = false; // of no use without this program
  button.addEventListener("click", async () => {
    const code = button.closest(".command").querySelector("code");
    const said = (await copy(code.textContent)) ? "Copied" : "Not copied";
    button.focus();
    button.textContent = said;
    document.getElementById("said").textContent = said;
    setTimeout(() => {
      button.textContent = "Copy";
      document.getElementById("said").textContent = "";
    }, 2000);
  });
}
