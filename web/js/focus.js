// The keyboard's place in the page: one Tab stop for each list and toolbar, and a focus that is never lost.

/**
 * Makes one Tab stop of what `selector` finds in `container`: arrow keys move among it, up and down in a list, left and
 * right where it goes `across`. Then a click leaves the arrow keys to the steps, as with tabs. What is drawn anew is
 * found by itself.
 */
export function roving(container, selector, { across = false } = {}) {
  let current = null;
  let clicked = false;
  const all = () => [...container.querySelectorAll(selector)];
  const usable = (element) => element.isConnected && !element.disabled && element.checkVisibility();

  function settle() {
    const stops = all();
    const focused = stops.find((element) => element === document.activeElement);
    const wanted = focused ?? stops.find((element) => element.hasAttribute('aria-current') && usable(element));
    if (wanted) current = wanted;
    else if (!current || !stops.includes(current) || !usable(current)) current = stops.find(usable) ?? stops[0] ?? null;
    for (const element of stops) {
      const index = element === current ? 0 : -1;
      if (element.tabIndex !== index) element.tabIndex = index;
    }
  }

  container.addEventListener('pointerdown', () => { clicked = true; });
  container.addEventListener('focusout', () => { clicked = false; });
  container.addEventListener('focusin', (event) => {
    if (event.target.matches(selector)) settle();
  });
  container.addEventListener('keydown', (event) => {
    const keys = across ? { ArrowLeft: -1, ArrowRight: 1 } : { ArrowUp: -1, ArrowDown: 1 };
    const step = keys[event.key];
    if (!step || event.defaultPrevented || event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return;
    if ((across && clicked) || !event.target.matches(selector)) return;
    const stops = all().filter(usable);
    const at = stops.indexOf(event.target) + step;
    const next = stops[across ? (at + stops.length) % stops.length : at];
    event.preventDefault();
    event.stopPropagation();
    next?.focus();
  });
  new MutationObserver(settle).observe(container, { childList: true, subtree: true, attributeFilter: ['aria-current', 'hidden', 'disabled'] });
  window.addEventListener('resize', settle);
  settle();
}

const ANY = 'button, a, input, select, [tabindex="0"]';
const NAMES = ['id', 'data-place', 'data-scenario', 'data-op', 'data-id', 'data-view', 'data-name'];

/**
 * What has the focus may be drawn anew, hidden or closed: then what stands in its stead has it, else its panel, else the
 * picture. A click beside everything is left alone.
 */
export function keepFocus(fallback) {
  let last = null;       // what had the focus
  let homes = [];        // the list or bar around it, and the panel or dialog around that
  let marks = [];        // what it was called
  let pressed = false;

  document.addEventListener('focusin', (event) => {
    last = event.target;
    homes = [last.closest('[role=tablist], [role=group], ol, ul, form'), last.closest('.panel, .why, .dock, .bar, .stage, dialog')];
    marks = NAMES.filter((name) => last.hasAttribute(name)).map((name) => `[${name}="${CSS.escape(last.getAttribute(name))}"]`);
  });
  document.addEventListener('pointerdown', () => { pressed = true; }, true);
  document.addEventListener('keydown', () => { pressed = false; }, true);

  const seen = (element) => element?.isConnected && element.checkVisibility({ visibilityProperty: true });
  const free = () => document.activeElement === null || document.activeElement === document.body || !seen(document.activeElement);

  function restore() {
    if (!last || !document.hasFocus() || !free()) return;
    const lost = !seen(last) || last.disabled;
    if (!lost && pressed) return;  // a click beside everything
    const stop = (selector) => {
      for (const home of homes.filter(seen)) {
        const found = [...home.querySelectorAll(selector)].find((e) => seen(e) && !e.disabled && (selector !== ANY || e.tabIndex >= 0));
        if (found) return found;
      }
      return null;
    };
    const same = lost && marks.length > 0 ? stop(marks.join('')) : null;
    (same ?? (lost ? stop(ANY) : null) ?? fallback()).focus({ preventScroll: true });
  }

  // After a frame all that belongs to a change is drawn, and who moves the focus has done so.
  let pending = false;
  const check = () => {
    if (pending || !last) return;
    pending = true;
    setTimeout(() => { pending = false; restore(); });
  };
  document.addEventListener('focusout', check);
  document.addEventListener('close', check, true);
  new MutationObserver(check).observe(document.body, { childList: true, subtree: true, attributeFilter: ['hidden', 'disabled', 'open', 'data-panel', 'data-side'] });
}
