/* Offers the time zone that this device is set to, where it is another than the one chosen.
   It is sent by the button alone, and stored nowhere here. */

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
const form = document.querySelector("[data-zone]")

if (form && zone && zone !== form.dataset.zone) {
  form.elements.timezone.value = zone
  form.querySelector("strong").textContent = zone.replaceAll("_", " ")
  form.hidden = false
}
