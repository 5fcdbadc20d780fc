/* Passkeys: the browser's own dialog, whose answer is sent with the form it stands in. The address
   field offers one too, where the browser can. Without this, the digits of an app do everything. */

const bytes = text => Uint8Array.from(
  atob(text.replaceAll("-", "+").replaceAll("_", "/")), sign => sign.charCodeAt(0))
const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")
const PARTS = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]

const asked = form => {
  const options = JSON.parse(form.dataset.options)
  options.challenge = bytes(options.challenge)
  if (options.user) options.user.id = bytes(options.user.id)
  for (const known of options.excludeCredentials ?? []) known.id = bytes(known.id)
  return options
}

const send = (form, made) => {
  const response = {}
  for (const part of PARTS) if (made.response[part]) response[part] = text(made.response[part])
  form.elements.answer.value = JSON.stringify(
    { id: made.id, rawId: text(made.rawId), type: made.type, response })
  const device = document.querySelector("[type=radio][name=device]:checked")
  if (device) form.elements.device.value = device.value
  form.submit()
}

let waiting = new AbortController()

for (const form of document.querySelectorAll("[data-options]")) {
  const said = form.querySelector("[role=status]")
  const failed = error => { if (error.name !== "AbortError") said.hidden = false }
  const ask = async () => {
    waiting.abort()
    said.hidden = true
    const publicKey = asked(form)
    const done = publicKey.user
      ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey })
    await done.then(made => send(form, made)).catch(failed)
  }
  if (!window.PublicKeyCredential || location.origin !== form.dataset.origin) continue
  form.hidden = false
  form.addEventListener("submit", event => { event.preventDefault(); ask() })
  if (form.hasAttribute("data-offered") && await PublicKeyCredential.isConditionalMediationAvailable?.()) {
    waiting = new AbortController()
    navigator.credentials.get({ publicKey: asked(form), mediation: "conditional", signal: waiting.signal })
      .then(made => send(form, made)).catch(() => {}) // nobody has chosen one
  }
}
