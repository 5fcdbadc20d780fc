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
