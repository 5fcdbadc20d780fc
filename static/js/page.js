/* On every page: keys that press what the page marks with data-key, the list of them (?), and a
   cover over the page (Esc), for when somebody comes in. */

const keys = document.querySelector("dialog.keys")
const cover = document.querySelector("dialog.cover")
const on = document.querySelector("#keys-on")
const OFF = "k=off" // a cookie, and only where somebody does not want them: storage ends with signing out
const YEAR = 31536000 // seconds

on.checked = !document.cookie.split("; ").includes(OFF)
on.addEventListener("change", () => {
  const secure = location.protocol === "https:" ? "; secure" : ""
  document.cookie = `${OFF}; path=/; samesite=lax; max-age=${on.checked ? 0 : YEAR}${secure}`
})

function offer(button, dialog) {
  button.closest("[hidden]").hidden = false
  button.addEventListener("click", () => dialog.showModal())
}

offer(document.querySelector("[data-cover]"), cover)
offer(document.querySelector("[data-keys]"), keys)

for (const button of document.querySelectorAll("[data-close]")) {
  button.addEventListener("click", () => button.closest("dialog").close())
}

function isTyping(target) {
  return target.closest("input:not([type=radio], [type=checkbox]), textarea, select")
}

document.addEventListener("keydown", event => {
  if (event.defaultPrevented || event.isComposing) return
  if (event.ctrlKey || event.metaKey || event.altKey || keys.open || cover.open) return
  if (event.key === "Escape") {
    event.preventDefault() // or the same press would close it again
    cover.showModal()
    return
  }
  if (!on.checked || isTyping(event.target)) return
  const pressed = event.key === "?" ? document.querySelector("[data-keys]")
    : document.querySelector(`[data-key="${CSS.escape(event.key)}"]`)
  if (!pressed) return
  event.preventDefault()
  pressed.click()
})
