// What the driver does inside a page. This file is sent there as text (call() in locator.mjs), so it imports nothing.

// The elements that a locator's steps lead to, in the order of the document.
export function find(steps) {
  let found = [document];
  for (const { css, text, visible, nth } of steps) {
    if (css !== undefined) found = [...new Set(found.flatMap((root) => [...root.querySelectorAll(css)]))];
    if (text !== undefined) found = found.filter((element) => hasText(element, text));
    if (visible) found = found.filter(isVisible);
    if (nth !== undefined) found = [found.at(nth)].filter(Boolean);
  }
  return found;
}

function describe(element) {
  const own = element.cloneNode(false).outerHTML;
  return own.length > 160 ? `${own.slice(0, 160)}…` : own;
}

// The only element, null where there is none.
function one(steps) {
  const found = find(steps);
  if (found.length > 1) throw new Error(`${found.length} elements, where one is meant: ${found.slice(0, 3).map(describe).join(' ')}`);
  return found[0] ?? null;
}

// A text is looked for without regard to case and to how its words are spaced.
function hasText(element, { pattern, flags, words }) {
  const text = element.textContent.replace(/\s+/g, ' ').trim();
  return pattern === undefined ? text.toLowerCase().includes(words.toLowerCase()) : new RegExp(pattern, flags).test(text);
}

function isVisible(element) {
  const { width, height } = element.getBoundingClientRect();
  return width > 0 && height > 0 && element.checkVisibility({ visibilityProperty: true });
}

function isEnabled(element) {
  return !element.matches(':disabled') && element.closest('[aria-disabled="true"]') === null;
}

export function is(steps, state) {
  const element = one(steps);
  switch (state) {
    case 'attached': return element !== null;
    case 'detached': return element === null;
    case 'visible': return element !== null && isVisible(element);
    case 'hidden': return element === null || !isVisible(element);
    case 'enabled': return element === null ? null : isEnabled(element);
    case 'checked': return element === null ? null : element.checked;
    default: throw new Error(`there is no state ${state}`);
  }
}

// Where the element is pressed: the middle of what is in sight of its first box.
function middle(element) {
  const box = [...element.getClientRects()].find(({ width, height }) => width > 0 && height > 0);
  if (!box) return null;
  const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
  const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
  return left < right && top < bottom ? { x: (left + right) / 2, y: (top + bottom) / 2 } : null;
}

// What is at a point, null if it is the element or belongs to it.
function inTheWay(element, { x, y }) {
  const hit = element.getRootNode().elementFromPoint(x, y);
  if (!hit) return 'nothing';
  if (element.contains(hit) || hit.closest('label')?.control === element) return null;
  return describe(hit);
}

const later = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

// Can the element be pressed? { x, y } when it stands still, in sight, with nothing above it; else { wait: why not }.
export async function pressable(steps, mustBeEnabled = true) {
  const element = one(steps);
  if (!element) return { wait: 'it is not there' };
  if (!isVisible(element)) return { wait: 'it is not visible' };
  if (mustBeEnabled && !isEnabled(element)) return { wait: 'it is disabled' };
  let point = middle(element);
  if (!point || inTheWay(element, point)) {
    element.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
    point = middle(element);
  }
  if (!point) return { wait: 'it is not in sight' };
  await later(16);
  const still = middle(element);
  if (still?.x !== point.x || still.y !== point.y) return { wait: 'it moves' };
  const cover = inTheWay(element, point);
  return cover ? { wait: `above it is ${cover}` } : point;
}

// Puts a text in the place of what a field holds, as typing would.
export function fill(steps, text) {
  const element = one(steps);
  if (!element) return { wait: 'it is not there' };
  if (!isVisible(element)) return { wait: 'it is not visible' };
  if (!isEnabled(element) || element.readOnly) return { wait: 'it cannot be written to' };
  element.focus();
  if (element.isContentEditable) document.getSelection().selectAllChildren(element);
  else element.select();
  document.execCommand(text === '' ? 'delete' : 'insertText', false, text);
  return {};
}

// Chooses options by their value or by what they say.
export function choose(steps, wanted) {
  const element = one(steps);
  if (!element) return { wait: 'it is not there' };
  if (!isVisible(element)) return { wait: 'it is not visible' };
  if (!isEnabled(element)) return { wait: 'it is disabled' };
  const options = wanted.map((one) => [...element.options].find(({ value, label }) => value === one || label.trim() === one));
  if (options.includes(undefined)) return { wait: `it has no ${wanted[options.indexOf(undefined)]}` };
  element.focus();
  for (const option of element.options) option.selected = options.includes(option);
  element.dispatchEvent(new Event('input', { bubbles: true }));
  element.dispatchEvent(new Event('change', { bubbles: true }));
  return {};
}

export function giveFiles(steps, files) {
  const element = one(steps);
  if (!element) return { wait: 'it is not there' };
  const transfer = new DataTransfer();
  for (const { name, type, base64 } of files) {
    const text = atob(base64);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; ++i) bytes[i] = text.charCodeAt(i);
    transfer.items.add(new File([bytes], name, { type }));
  }
  element.files = transfer.files;
  element.dispatchEvent(new Event('input', { bubbles: true }));
  element.dispatchEvent(new Event('change', { bubbles: true }));
  return {};
}

export function focus(steps) {
  const element = one(steps);
  if (!element) return { wait: 'it is not there' };
  element.focus();
  return {};
}

export function boxOf(steps) {
  const element = one(steps);
  if (!element) return { wait: 'it is not there' };
  const { x, y, width, height } = element.getBoundingClientRect();
  return { box: isVisible(element) ? { x, y, width, height } : null };
}

// Where the content of an <iframe> begins.
export function corner(frame) {
  const { x, y } = frame.getBoundingClientRect();
  const { paddingLeft, paddingTop } = getComputedStyle(frame);
  return { x: x + frame.clientLeft + parseFloat(paddingLeft), y: y + frame.clientTop + parseFloat(paddingTop) };
}

// All <iframe>s, those inside of custom elements too.
export function iframes(root = document) {
  return [...root.querySelectorAll('*')].flatMap((element) => [
    ...(element.localName === 'iframe' ? [element] : []),
    ...(element.shadowRoot ? iframes(element.shadowRoot) : []),
  ]);
}
