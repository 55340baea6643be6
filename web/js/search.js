// The search field: a pfn, a physical address, a zone or the name of a result; what it may mean is offered.
import { $, h, fill } from './dom.js';

export function mountSearch(app) {
  const form = $('search');
  const input = $('search-text');
  const list = $('search-found');

  function close() {
    list.hidden = true;
    form.classList.remove('open');
  }

  function go(place) {
    close();
    input.blur();
    app.select(place);
    app.showPanel('inspect');
  }

  function look() {
    const text = input.value.trim();
    if (!app.ready || text === '') {
      list.hidden = true;
      return [];
    }
    const { found } = app.engine.find(text);
    fill(list, found.length > 0
      ? found.map((f) => h('li', {}, h('button', { type: 'button', onclick: () => go(f.place) }, f.text)))
      : h('li', {}, h('p', {}, app.t('search.none'))));
    list.hidden = false;
    return found;
  }

  input.oninput = look;
  input.onfocus = () => {
    form.classList.add('open');
    look();
  };
  input.onkeydown = (event) => {
    if (event.key === 'Escape') {
      close();
      input.blur();
    } else if (event.key === 'ArrowDown') {
      event.preventDefault();
      list.querySelector('button')?.focus();
    }
  };
  list.onkeydown = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === 'Escape') {
      close();
      input.focus();
    }
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const buttons = [...list.querySelectorAll('button')];
    (buttons[buttons.indexOf(document.activeElement) + step] ?? input).focus();
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    const found = look();
    if (found.length > 0) go(found[0].place);
  };
  form.addEventListener('focusout', (event) => {
    if (!form.contains(event.relatedTarget)) close();
  });
  $('find').onclick = () => {
    form.classList.add('open');
    input.focus();
  };
}
