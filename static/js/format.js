/* Four buttons below a composer's box. Each types the signs that one could type oneself, around
   what is selected, so that the browser's own undo takes them back. */

const bar = document.querySelector("[data-format]")
const form = bar.closest("form")
const START = { list: "- ", quote: "> " }
const ADDRESS = "https://"

let box = form.querySelector("textarea.main-words")

for (const each of form.querySelectorAll("textarea")) {
  each.addEventListener("focus", () => { box = each })
}

/* Put text over the characters from start to end, and select a part of it. */
function type(text, start, end, from, to) {
  box.focus()
  box.setSelectionRange(start, end)
  if (!document.execCommand("insertText", false, text)) {
    box.setRangeText(text, start, end)
    box.dispatchEvent(new InputEvent("input", { bubbles: true }))
  }
  box.setSelectionRange(start + from, start + to)
}

function around(before, after) {
  const { selectionStart: start, selectionEnd: end } = box
  const words = box.value.slice(start, end)
  type(before + words + after, start, end, before.length, before.length + words.length)
}

function link() {
  const { selectionStart: start, selectionEnd: end } = box
  const text = `[${box.value.slice(start, end)}](${ADDRESS})`
  const at = start === end ? 1 : text.length - 1
  type(text, start, end, at, at)
}

function lines(sign) {
  const start = box.value.lastIndexOf("\n", box.selectionStart - 1) + 1
  const end = box.selectionEnd
  const text = box.value.slice(start, end).split("\n").map(line => sign + line).join("\n")
  type(text, start, end, text.length, text.length)
}

bar.addEventListener("click", event => {
  const act = event.target.closest("button")?.value
  if (act === "bold") around("**", "**")
  if (act === "link") link()
  if (START[act]) lines(START[act])
})
