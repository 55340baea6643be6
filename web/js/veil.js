// Veils what would tell the answer of a question: taken out of the page, not only out of sight, and put back later.
const kept = new WeakMap();  // element → what it held

/** Takes the contents of an element away, or puts them back. instead: what is there meanwhile; without, it is hidden. */
export function veil(element, veiled, instead = '') {
  if (veiled === kept.has(element)) return;
  element.classList.toggle('veiled', veiled);
  if (veiled) {
    kept.set(element, [...element.childNodes]);
    element.replaceChildren(instead);
    element.hidden = instead === '';
  } else {
    element.replaceChildren(...kept.get(element));
    element.hidden = false;
    kept.delete(element);
  }
}

/**
 * Veils what stands below an element: data-tells names the op that a text is about. Notes tell more than ops do, so they
 * are veiled from `notes` on, other texts from `ops` on.
 */
export function veilBelow(root, { notes, ops }, instead) {
  for (const element of root.querySelectorAll('[data-tells]')) {
    const op = Number(element.dataset.tells);
    if (element.classList.contains('note')) veil(element, op >= notes);
    else veil(element, op >= ops, instead);
  }
}
