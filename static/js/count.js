/* Says how many characters are left in a field that is nearly full, and how many are too many.
   The server says so too, beside the field. */

const NEARLY = 0.85 // of what fits

for (const field of document.querySelectorAll("[data-most]")) {
  const most = Number(field.dataset.most)
  const said = document.createElement("span")
  said.className = "count"
  said.setAttribute("role", "status")
  field.after(said)

  const count = () => {
    const left = most - [...field.value].length
    const full = left < most * (1 - NEARLY)
    said.classList.toggle("over", left < 0)
    said.textContent = full ? (left < 0 ? field.dataset.over : field.dataset.left)
      .replace("#", Math.abs(left)) : ""
  }
  field.addEventListener("input", count)
  count()
}
