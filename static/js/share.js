/* Beside a link to send on: Copy and Share, where this browser has them, and whether it worked. */

const CAN = { copy: navigator.clipboard, share: navigator.share }
const ACTS = {
  copy: text => navigator.clipboard.writeText(text).then(() => "copied"),
  share: text => navigator.share({ text }).then(() => "shared"),
}

for (const button of document.querySelectorAll("[data-text] button")) {
  const row = button.closest("[data-text]")
  const said = row.querySelector("[role=status]")
  button.hidden = !CAN[button.value]
  button.addEventListener("click", async () => {
    said.textContent = ""
    const how = await ACTS[button.value](row.dataset.text)
      .catch(error => error.name === "AbortError" ? "" : "failed") // closed without choosing anybody
    said.textContent = said.dataset[how] ?? ""
  })
}
