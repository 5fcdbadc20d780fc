/* In a long thread: the floating link leads from one new post to the next, and past the last of
   them to what is new elsewhere. Without this it leads to the first. */

const link = document.querySelector(".next-new")
const fresh = [...document.querySelectorAll(":is(.thread, .reply):has(.new)")]

function next() {
  return fresh.find(post => post.getBoundingClientRect().top > innerHeight / 2)
}

function turn() {
  const post = next()
  link.href = post ? `#${post.id}` : link.dataset.on
  link.hidden = !post && scrollY < 40
}

if (link) { // a thread with nothing new has none
  addEventListener("scroll", turn, { passive: true })
  link.addEventListener("click", () => {
    const post = next()
    if (post) post.setAttribute("tabindex", "-1")
  })
  turn()
}

/* The day beside a reply's name is a link to the reply; pressed, it is copied too, by the address
   that leads there even when replies have come between. */

const list = document.querySelector("[data-copied]")
const days = ".reply > h2 + p > a"
const said = document.createElement("span")
said.setAttribute("role", "status")

for (const day of document.querySelectorAll(days)) day.title = list.dataset.copy

list.addEventListener("click", async event => {
  const day = event.target.closest(days)
  if (!day || !navigator.clipboard) return
  day.after(said)
  said.textContent = ""
  await navigator.clipboard.writeText(new URL(day.hash.replace("#post-", list.dataset.place), location).href)
  said.textContent = ` ${list.dataset.copied}`
})
