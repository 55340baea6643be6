// The keyboard. Keys that a field, a dialog or a button needs are left to it.
import { $ } from './dom.js';

export function mountKeys(app, dialogs) {
  document.addEventListener('keydown', (event) => {
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
