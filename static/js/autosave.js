/* Keeps what is typed in a composer: a moment after the last key, and when the page is left.
   Where this does not run, "Save draft" does the same. */

const PAUSE = 1500 // milliseconds after the last key
const AGAIN = 20000 // until it is tried again, where it did not work
const SMALL = 60000 // bytes that a browser still sends from a page that is left

const form = document.querySelector("form.composer")
const said = document.querySelector("#kept")
const found = document.querySelector("#found")

let timer = 0
let running = null
let stopped = false
let last = typed()

function typed() {
  const words = new FormData(form)
  words.delete("began")
  return new URLSearchParams(words).toString()
}

function say(what) {
  said.textContent = said.dataset[what] ?? what
}

/* How many details were found, in the server's words; the page around it is there already. */
function count(words) {
  found.closest("p").hidden = !words
  if (found.textContent !== words) found.textContent = words
}

function soon(pause = PAUSE) {
  clearTimeout(timer)
  timer = setTimeout(keep, pause)
}

async function keep() {
  if (stopped || running || typed() === last) return
  clearTimeout(timer)
  const now = typed()
  running = send(now.length)
  const kept = await running
  running = null
  if (kept) last = now
  if (typed() !== last && !stopped) soon(kept ? PAUSE : AGAIN)
}

/* Whether the server has it. What it says to that stands beside the way back. */
async function send(size) {
  const words = new FormData(form)
  words.set("do", "auto")
  try {
    const answer = await fetch(form.action, {
      method: "POST", body: words, redirect: "error", keepalive: size < SMALL,
    })
    if (answer.status === 401) {
      say("out")
      return false
    }
    const told = await answer.json()
    if (told.began === undefined) {
      stopped = answer.status === 409 // another window wrote on: nothing is put over it unasked
      say(told.said)
      return false
    }
    form.elements.began.value = told.began
    say("kept")
    count(told.found)
    return true
  } catch {
    say("trouble")
    return false
  }
}

form.addEventListener("input", () => soon())
form.addEventListener("change", () => soon())
addEventListener("online", () => soon())
document.addEventListener("visibilitychange", () => document.hidden && keep())
addEventListener("pageshow", () => { stopped = false })

/* The button waits for what is on its way, or it would meet its own words as another window's. */
form.addEventListener("submit", async event => {
  stopped = true
  if (!running) return
  event.preventDefault()
  await running
  form.requestSubmit(event.submitter)
})
