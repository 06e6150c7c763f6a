// Makes one tree look like another while keeping what people touched: open details, focus, typed text, loaded pictures.
const KEPT = new Set(["open"]);

export function morph(old, fresh, childrenOnly = false) {
  if (!childrenOnly) copyAttributes(old, fresh);
  const spare = new Map();
  for (const child of old.children) if (child.id) spare.set(child.id, child);
  let place = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    const match = counterpart(place, wanted, spare);
    if (!match) {
      old.insertBefore(wanted, place);
      continue;
    }
    if (match === place) place = place.nextSibling;
    else old.insertBefore(match, place);
    if (match.nodeType !== Node.ELEMENT_NODE) match.nodeValue = wanted.nodeValue;
    else morph(match, wanted);
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

function counterpart(place, wanted, spare) {
  if (wanted.id) return spare.get(wanted.id);
  if (!place || place.id || place.nodeType !== wanted.nodeType || place.nodeName !== wanted.nodeName) return null;
  return place;
}

function copyAttributes(old, fresh) {
  const field = old.nodeName === "INPUT" && { ...contentOf(old), touched: isTouched(old) };
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !KEPT.has(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value && !KEPT.has(name)) old.setAttribute(name, value);
  }
  if (field) Object.assign(old, field.touched ? { value: field.value, checked: field.checked } : contentOf(fresh));
}

function contentOf({ value, checked }) {
  return { value, checked };
}

// Differs from what the server last said: typed, and not sent yet.
export function isTouched(field) {
  return field.type === "checkbox" ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
}
