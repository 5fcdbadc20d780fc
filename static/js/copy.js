/* Beside each text of the record: a button that copies it. Without this it is selected by hand. */

const record = document.querySelector("[data-copied]")

for (const text of record.querySelectorAll(".own-words")) {
  const button = document.createElement("button")
  button.type = "button"
  button.className = "plain-button"
  button.textContent = record.dataset.copy
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text.innerText)
    button.textContent = record.dataset.copied
    setTimeout(() => { button.textContent = record.dataset.copy }, 3000)
  })
  if (navigator.clipboard) text.previousElementSibling.append(" ", button)
}
