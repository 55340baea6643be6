// The keyboard. Keys that a field, a dialog or a button needs are left to it.
import { $ } from './dom.js';

const TRAVELS = { ArrowLeft: -1, ArrowRight: 1 };
const PAGES = { PageUp: -1, PageDown: 1 };  // a tenth of the timeline, wherever the focus is

export function mountKeys(app, dialogs) {
  document.addEventListener('keydown', (event) => {
    // Back and forward among places; where there is none left they are the browser's.
    if (!app.entered) return;
    if (event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey && !dialogs.open && event.key in TRAVELS) {
      if (event.target.closest('input, textarea')) return;  // there they go from word to word
      if (app.travel(TRAVELS[event.key])) event.preventDefault();
      return;
    }
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || dialogs.open) return;
    const target = event.target;
    if (target.closest('input, textarea, select')) return;
    const onButton = target.closest('button, summary, a');

    const arrows = event.shiftKey
      ? { ArrowRight: 'into', ArrowLeft: 'back_into' }
      : { ArrowRight: 'next_step', ArrowLeft: 'back_step', Home: 'first', End: 'last' };
    const moves = { ...arrows, '.': 'next_event', ',': 'back_event', w: 'next_way', n: 'next_note' };
    if (event.key.length > 1 && event.key in moves && target.closest('pre')) return;  // long lines scroll
    if (event.key in moves) {
      app.stop();
      app.move(moves[event.key]);
    } else if (event.key in PAGES && !target.closest('.panel')) {  // a panel scrolls
      if (!app.ready) return;
      app.stop();
      const { step, steps } = app.state;
      app.seek(Math.max(0, Math.min(steps, step + PAGES[event.key] * Math.max(1, Math.round(steps / 10)))));
    } else if (event.key === ' ' && !onButton) {
      app.togglePlay();
    } else if (event.key === 'g') {
      $('goto').focus();
    } else if (event.key === '/') {
      app.searchFor($('search-text').value);
    } else if (event.key === '?') {
      dialogs.help();
    } else if (event.key === 'Escape' && app.ready && app.state.select) {
      app.select('');
    } else {
      return;
    }
    event.preventDefault();
  });
}
