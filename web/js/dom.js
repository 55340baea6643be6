// Small helpers for building and finding elements. Text only ever becomes text: nothing here parses markup.

import { plain } from './plain.js';

export const $ = (id) => document.getElementById(id);

/** h('p', {class: 'note', title: '…', onclick: f, dataset: {op: 3}}, 'text', child): an element. Null children are skipped. */
export function h(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === 'dataset') Object.assign(element.dataset, value);
    else if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? '' : String(value));
  }
  return put(element, children);
}

export function fill(element, ...children) {
  element.replaceChildren(put(new DocumentFragment(), children));
}

// One by one: a call takes no more than some hundred thousand arguments.
function put(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined) element.append(child);
  }
  return element;
}

/** Scrolls `panel` so that `element` is inside it, with some room; other ancestors stay. */
export function reveal(panel, element) {
  const outer = panel.getBoundingClientRect();
  const inner = element.getBoundingClientRect();
  const room = Math.min(60, outer.height / 5);
  if (inner.height > outer.height || inner.top < outer.top + room) panel.scrollTop += inner.top - outer.top - room;
  else if (inner.bottom > outer.bottom - room) panel.scrollTop += inner.bottom - outer.bottom + room;
}

/**
 * Fills a role=tablist. items: [{id, text, controls}]; choose(id) is called. Returns select(id).
 * Arrow keys move among the tabs for who came by keyboard; after a click they go on stepping.
 */
export function tabs(list, items, choose) {
  const buttons = items.map((item) =>
    h('button', {
      type: 'button', role: 'tab', id: `tab-${item.id}`, 'aria-controls': item.controls,
      dataset: { id: item.id },
      onclick: () => choose(item.id),
    }, item.text));
  fill(list, buttons);
  let clicked = false;
  list.onpointerdown = () => { clicked = true; };
  list.onfocusout = () => { clicked = false; };
  list.onkeydown = (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || clicked || event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const shown = buttons.filter((button) => button.offsetParent !== null);
    const next = shown[(shown.indexOf(document.activeElement) + step + shown.length) % shown.length];
    next.focus();
    choose(next.dataset.id);
  };
  return (id) => {
    for (const button of buttons) {
      const selected = button.dataset.id === id;
      button.setAttribute('aria-selected', String(selected));
      button.tabIndex = selected ? 0 : -1;
      if (selected) showAlong(list, button);
    }
  };
}

/** Scrolls a row of tabs sideways so that `element` is in sight. */
function showAlong(list, element) {
  const outer = list.getBoundingClientRect();
  const inner = element.getBoundingClientRect();
  if (inner.left < outer.left) list.scrollLeft -= outer.left - inner.left + 24;
  else if (inner.right > outer.right) list.scrollLeft += inner.right - outer.right + 24;
}

/** A file that the person saves. */
export function download(name, content, type = 'application/json') {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = h('a', { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** A paragraph for each line. */
export const paragraphs = (text) => text.split('\n').filter((part) => part.trim()).map((part) => h('p', {}, plain(part)));
