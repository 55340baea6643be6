// The search field. What a text may mean on the machine that is open (a pfn, a physical address, a zone, a result) is asked of
// the engine; lessons, steps, words, functions and headings are searched in texts that the first search fetches.
//
// The field is a combobox: the focus stays in it, the arrow keys choose among the results.
import { $, h, fill } from '../dom.js';
import { plain } from '../plain.js';
import { goTo } from './go.js';
import { loadTexts } from './texts.js';

const LONGEST = 120;  // characters of a title

/** Returns what searches for what stands in the field. */
export function mountSearch(app, dialogs, read, showIndex) {
  const form = $('search');
  const input = $('search-text');
  const list = $('search-found');
  const texts = new Map();  // language → promise of what is searched in it
  let results = [];
  let active = -1;
  let asked = 0;            // counts searches: the last wins

  function close() {
    list.hidden = true;
    form.classList.remove('open');
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
    active = -1;
  }

  function go(result) {
    close();
    input.blur();
    if (result.kind === 'place') {
      app.select(result.place);
      app.showPanel('inspect');
    } else if (result.kind === 'word') {
      showIndex('words', result.word);
    } else {
      goTo(app, dialogs, result);
    }
  }

  function load(language) {
    if (!texts.has(language)) {
      const views = app.hello.views.map((view) => ({
        id: view.id, title: view[language], text: language === app.language && app.hasText(`view.${view.id}`) ? app.t(`view.${view.id}`) : '',
      }));
      const titles = new Map(app.index.map(({ id, title }) => [id, title[language]]));
      const loading = loadTexts(language, read, { views, titleOf: (id) => titles.get(id) ?? id });
      loading.catch(() => texts.delete(language));  // the next search asks for it again
      texts.set(language, loading);
    }
    return texts.get(language);
  }

  /** Of the texts in the language of the page, or where that has nothing, or cannot have it, of the other one. */
  async function searchTexts(query) {
    const other = app.language === 'en' ? 'zh' : 'en';
    const first = app.language === 'en' && /\p{Script=Han}/u.test(query) ? other : app.language;
    const found = (await load(first)).search(query);
    return found.length > 0 || first === other ? found : (await load(other)).search(query);
  }

  async function look() {
    const query = input.value.slice(0, input.maxLength).replace(/\p{Cf}/gu, '').trim();
    const turn = ++asked;
    if (!app.ready || query === '') {
      close();
      form.classList.add('open');
      return;
    }
    const places = app.engine.find(query).found.map((found) => ({ kind: 'place', title: found.text, place: found.place }));
    if (places.length > 0) show(places, false);
    try {
      const found = await searchTexts(query);
      if (turn === asked && document.activeElement === input) show([...places, ...found], true);
    } catch (failed) {
      if (turn === asked) show(places, true, app.t('search.failed', { message: failed.message }));
    }
  }

  function show(found, complete, trouble = null) {
    results = found;
    active = -1;
    input.removeAttribute('aria-activedescendant');
    const groups = [...new Set(results.map(({ kind }) => kind))].map((kind) =>
      h('div', { role: 'group', 'aria-labelledby': `found-${kind}` }, h('p', { class: 'kind', id: `found-${kind}`, role: 'presentation' }, app.t(`search.${kind}`)),
        results.flatMap((result, i) => (result.kind === kind ? [option(result, i)] : []))));
    const told = trouble ?? (results.length === 0 && complete ? app.t('search.none') : null);
    fill(list, groups, told === null ? null : h('p', { class: 'quiet' }, plain(told)));
    list.hidden = false;
    input.setAttribute('aria-expanded', String(results.length > 0));
    if (complete) $('search-status').textContent = told ?? app.t('search.count', { n: results.length });
  }

  function option(result, index) {
    const { kind, title, lesson, step, excerpt = [] } = result;
    const name = kind === 'step' ? app.t('search.inStep', { lesson: titleOf(lesson), step }) : plain(title, LONGEST);
    const where = (kind === 'function' || kind === 'heading') && lesson ? h('span', { class: 'in' }, titleOf(lesson)) : null;
    return h('div', {
      role: 'option', id: `found-option-${index}`, 'aria-selected': 'false',
      onpointerdown: (event) => event.preventDefault(),  // the focus stays in the field
      onclick: () => go(result),
    }, h('span', { class: 'name' }, name), where,
    excerpt.length > 0 ? h('small', {}, excerpt.map(([part, isMatch]) => (isMatch ? h('mark', {}, plain(part)) : plain(part)))) : null);
  }

  const titleOf = (id) => app.local(app.index.find((s) => s.id === id)?.title ?? id);

  function choose(index) {
    list.querySelector('[aria-selected="true"]')?.setAttribute('aria-selected', 'false');
    active = (index + results.length) % results.length;
    const chosen = $(`found-option-${active}`);
    chosen.setAttribute('aria-selected', 'true');
    chosen.scrollIntoView({ block: 'nearest' });
    input.setAttribute('aria-activedescendant', chosen.id);
  }

  input.oninput = look;
  input.onfocus = () => {
    form.classList.add('open');
    look();
  };
  input.onkeydown = (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === 'Escape') {
      event.preventDefault();
      if (list.hidden) input.blur();
      close();
    } else if (step) {
      event.preventDefault();
      if (list.hidden) look();
      else if (results.length > 0) choose(active < 0 && step < 0 ? -1 : active + step);
    }
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    if (!list.hidden && results.length > 0) go(results[Math.max(active, 0)]);
  };
  form.addEventListener('focusout', (event) => {
    if (!form.contains(event.relatedTarget)) close();
  });
  app.on((what) => { if (what.has('language') && !list.hidden) look(); });
  return look;
}
