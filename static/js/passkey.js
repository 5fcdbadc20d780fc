/* Passkeys: the browser's own dialog, whose answer is sent with the form it stands in. The address
   field offers one too, where the browser can. Without this, the digits of an app do everything. */

const bytes = text => Uint8Array.from(
  atob(text.replaceAll("-", "+").replaceAll("_", "/")), sign => sign.charCodeAt(0))
const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")
const PARTS = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]

const asked = box => {
  const options = JSON.parse(box.dataset.options)
  options.challenge = bytes(options.challenge)
  if (options.user) options.user.id = bytes(options.user.id)
  for (const known of options.excludeCredentials ?? []) known.id = bytes(known.id)
  return options
}

const send = (box, made) => {
  const form = box.closest("form"), response = {}
  for (const part of PARTS) if (made.response[part]) response[part] = text(made.response[part])
  form.elements.answer.value = JSON.stringify(
    { id: made.id, rawId: text(made.rawId), type: made.type, response })
  if (box.dataset.action) form.action = box.dataset.action
  form.submit()
}

let waiting = new AbortController()

for (const box of document.querySelectorAll("[data-options]")) {
  const said = box.querySelector("[role=status]")
  const failed = error => { if (error.name !== "AbortError") said.hidden = false }
  const ask = () => {
    waiting.abort()
    said.hidden = true
    const publicKey = asked(box)
    const done = publicKey.user
      ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey })
    done.then(made => send(box, made)).catch(failed)
  }
  if (!window.PublicKeyCredential || location.origin !== box.dataset.origin) continue
  box.hidden = false
  box.querySelector("button").addEventListener("click", ask)
  if ("offered" in box.dataset && await PublicKeyCredential.isConditionalMediationAvailable?.()) {
    navigator.credentials.get({ publicKey: asked(box), mediation: "conditional", signal: waiting.signal })
      .then(made => send(box, made)).catch(() => {}) // nobody has chosen one
  }
}
