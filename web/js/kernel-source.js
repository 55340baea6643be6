// Names of kernel functions as buttons. Pressed, one shows its place in the sources: a small box, fetched with its table when the
// first is (lazy/kernel-source.js).
import { h } from './dom.js';
import { fetchText } from './app.js';
import { addTexts } from './i18n.js';

/**
 * The last function of an event's call path as a button that opens its place. `tabbable`: one of few, else the keyboard's
 * way is the why line.
 */
export function functionRef(app, { path, name }, tabbable = false) {
  return h('button', {
    type: 'button', class: 'fn', dataset: { fn: path.join(' '), event: name }, title: app.t('place.title'),
    'aria-haspopup': 'dialog', tabindex: tabbable ? null : -1,
  }, path.at(-1));
}

/** One listener for all such buttons, whoever made them. */
export function mountKernelSource(app, dialogs) {
  let box = null;  // promise of what shows it

  document.addEventListener('click', (event) => {
    const button = event.target.closest?.('button[data-fn]');
    if (!button) return;
    event.stopPropagation();  // what it stands in has a meaning of its own
    if (!app.ready) return;
    box ??= import('./lazy/kernel-source.js').then(({ texts, mount }) => {
      addTexts(texts);
      return mount(app, fetchText);
    });
    box.then((press) => press(button), (failed) => {
      box = null;  // asked again next time
      dialogs.notice(() => app.t('place.failed', { message: failed.message }));
    });
  }, { capture: true });
}
