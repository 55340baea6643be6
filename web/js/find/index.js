// The index: headings as courses have them, each with the lesson where its subject is, and the words of the glossary.
import { h, fill } from '../dom.js';
import { goTo } from './go.js';

const PARTS = ['headings', 'words'];

/** Returns showIndex(part, word): part is 'headings' or 'words'; word: the one to show. */
export function mountIndex(app, dialogs, read) {
  return async (part, word) => {
    try {
      await showIndex(app, dialogs, read, { part, word });
    } catch (failed) {
      dialogs.notice(() => app.t('index.failed', { message: failed.message }));
    }
  };
}

async function showIndex(app, dialogs, read, { part, word }) {
  const [courses, words] = await Promise.all([read('find/headings.json'), read(`find/glossary.${app.language}.json`)]);
  const titleOf = (id) => app.local(app.index.find((s) => s.id === id)?.title ?? id);
  const viewName = (id) => app.local(app.hello.views.find((view) => view.id === id));

  function lead(to) {
    dialogs.close();
    goTo(app, dialogs, to);
  }

  function headings() {
    return [h('p', { class: 'quiet' }, app.t('index.hint')), courses.filter((course) => course.headings.length > 0).map((course) => h('section', {},
      h('h3', {}, app.local(course.course)),
      h('ul', { class: 'headings' }, course.headings.map((heading) => h('li', { class: `depth-${heading.depth ?? 0}` },
        h('button', { type: 'button', onclick: () => lead(heading) }, app.local(heading)),
        h('span', { class: 'quiet' }, [heading.lesson && titleOf(heading.lesson), heading.view && viewName(heading.view)].filter(Boolean).join(' · ')))))))];
  }

  function glossary() {
    const list = h('dl', { class: 'glossary' });
    const find = h('input', { type: 'search', id: 'index-find', maxlength: '200', autocomplete: 'off', spellcheck: 'false', placeholder: app.t('index.find'), 'aria-label': app.t('index.find') });
    const collator = new Intl.Collator(app.language === 'zh' ? 'zh-Hans-CN' : 'en', { numeric: true });
    const sorted = [...words].sort((a, b) => collator.compare(a.word.replace(/^_+/, ''), b.word.replace(/^_+/, '')));
    const draw = () => {
      const wanted = find.value.trim().toLowerCase();
      const found = sorted.filter(({ forms }) => forms.some((form) => form.toLowerCase().includes(wanted)));
      fill(list, found.length > 0 ? found.map(entry) : h('p', { class: 'quiet' }, app.t('index.none')));
    };
    find.oninput = draw;
    const one = word && words.find(({ id, word: name }) => (id ?? name) === word);
    if (one) find.value = app.language === 'zh' ? one.forms[0] : one.word;
    draw();
    return [find, list];
  }

  const entry = ({ word: name, text, lesson }) => h('div', {}, h('dt', {}, name), h('dd', {}, text,
    lesson ? [' ', h('button', { type: 'button', class: 'lead', onclick: () => lead({ lesson }) }, titleOf(lesson))] : null));

  const body = h('div', { class: 'index', role: 'tabpanel', id: 'index-part' });
  const tabs = PARTS.map((name) => h('button', {
    type: 'button', role: 'tab', id: `index-${name}`, 'aria-controls': 'index-part', onclick: () => choose(name),
  }, app.t(`index.${name}`)));
  const row = h('div', { class: 'tabs', role: 'tablist', 'aria-label': app.t('index.title') }, tabs);
  row.onkeydown = (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    const at = tabs.indexOf(document.activeElement);
    const next = (at + step + tabs.length) % tabs.length;
    choose(PARTS[next]);
    tabs[next].focus();
  };

  function choose(name) {
    PARTS.forEach((one, i) => {
      tabs[i].setAttribute('aria-selected', String(one === name));
      tabs[i].tabIndex = one === name ? 0 : -1;
    });
    body.setAttribute('aria-labelledby', `index-${name}`);
    fill(body, ...(name === 'words' ? glossary() : headings()));
  }

  dialogs.show(app.t('index.title'), [row, body], { wide: true });
  choose(part);
  tabs[PARTS.indexOf(part)].focus();
}
