// Words of the kernel in notes, sentences and structs: underlined, and explained by one box on hover, tap and focus. In each
// block a word is marked where it stands first. A word that means two things is marked in the chapters where it means this.
import { h, fill } from '../dom.js';
import { Finder } from '../find/finder.js';
import { goTo } from '../find/go.js';

const HOVER_MS = 180;  // before the box comes, so that a pointer on its way opens none
const LEAVE_MS = 250;  // before it goes, so that the pointer can reach it
const BLOCKS = '#lesson-notes p:not(.machine-line), #ops .note:not(.quiet) p, #why-text, #ops .event .what';
const GROUPS = ['#lesson-notes', '#ops .op.now', '#why', '#inspect'];  // each has one word that Tab reaches

export async function mountGlossary(app, dialogs, read) {
  const box = h('div', { id: 'word', class: 'word-box', role: 'dialog', hidden: true });
  document.body.append(box);
  let finder = null;
  let made = '';      // what the finder was made for
  let entries = new Map();
  let anchor = null;  // the word that is explained
  let timer = 0;

  async function refresh() {
    const { language } = app;
    const chapter = app.index.find(({ id }) => id === app.scenario?.id)?.chapter;
    const words = await read(`find/glossary.${language}.json`);
    if (made !== `${language} ${chapter}`) {
      finder = new Finder(words, chapter);
      entries = new Map(words.map((word) => [word.word, word]));
      made = `${language} ${chapter}`;
    }
    for (const block of document.querySelectorAll(BLOCKS)) mark(block);
    rove();
  }

  function mark(block) {
    if (block.querySelector('.word')) return;
    const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT, {
      acceptNode: (node) => (node.parentElement.closest('button, .fn, .word') ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT),
    });
    const nodes = [];
    while (walker.nextNode()) nodes.push(walker.currentNode);
    const marked = new Set();
    for (const node of nodes) {
      const text = node.data;
      const parts = [];
      let at = 0;
      for (const { from, to, word } of finder.find(text)) {
        if (marked.has(word.word)) continue;
        marked.add(word.word);
        parts.push(text.slice(at, from), h('span', { class: 'word', role: 'button', tabindex: '-1', dataset: { word: word.word } }, text.slice(from, to)));
        at = to;
      }
      if (parts.length > 0) node.replaceWith(...parts, text.slice(at));
    }
  }

  const wordsOf = (group) => [...document.querySelector(group)?.querySelectorAll('.word') ?? []];

  function rove() {
    for (const word of document.querySelectorAll('#ops .word[tabindex="0"]')) word.tabIndex = -1;
    for (const group of GROUPS) wordsOf(group).forEach((word, i) => { word.tabIndex = i === 0 ? 0 : -1; });
  }

  // ---- the box ----

  function open(word) {
    clearTimeout(timer);
    if (anchor === word) return;
    close();
    const entry = entries.get(word.dataset.word) ?? { word: word.textContent, text: word.dataset.text };
    anchor = word;
    word.removeAttribute('title');
    word.setAttribute('aria-describedby', 'word-text');
    word.setAttribute('aria-expanded', 'true');
    const { lesson } = entry;
    const open = app.scenario?.id === lesson;
    fill(box, h('p', { class: 'name' }, entry.word), h('p', { id: 'word-text' }, entry.text),
      lesson && !open ? h('button', { type: 'button', onclick: () => leadTo(lesson) }, app.t('word.lesson', { title: titleOf(lesson) })) : null);
    box.setAttribute('aria-label', app.t('word.label', { word: entry.word }));
    box.hidden = false;
    place();
  }

  const titleOf = (id) => app.local(app.index.find((s) => s.id === id)?.title ?? id);

  function leadTo(lesson) {
    close();
    goTo(app, dialogs, { lesson });
  }

  // Below the word, or above it where there is more room; whole in the window.
  function place() {
    const word = (anchor.getClientRects()[0] ?? anchor.getBoundingClientRect());
    const { width, height } = box.getBoundingClientRect();
    const below = word.bottom + 4 + height <= innerHeight || word.top < innerHeight - word.bottom;
    box.style.left = `${Math.max(4, Math.min(word.left - 8, innerWidth - width - 4))}px`;
    box.style.top = `${Math.max(4, below ? Math.min(word.bottom + 4, innerHeight - height - 4) : word.top - 4 - height)}px`;
  }

  function close() {
    clearTimeout(timer);
    if (anchor === null) return;
    anchor.removeAttribute('aria-describedby');
    anchor.removeAttribute('aria-expanded');
    anchor = null;
    box.hidden = true;
  }

  const wordAt = (target) => (target instanceof Element ? target.closest('.word') : null);

  document.addEventListener('pointerover', (event) => {
    if (event.pointerType !== 'mouse') return;
    const word = wordAt(event.target);
    if (word === null && !box.contains(event.target)) return;
    clearTimeout(timer);
    if (word !== null && word !== anchor) timer = setTimeout(() => { if (word.isConnected) open(word); }, HOVER_MS);
  });
  document.addEventListener('pointerout', (event) => {
    if (event.pointerType !== 'mouse' || !(wordAt(event.target) || box.contains(event.target))) return;
    clearTimeout(timer);
    timer = setTimeout(() => { if (document.activeElement !== anchor && !box.contains(document.activeElement)) close(); }, LEAVE_MS);
  });
  document.addEventListener('click', (event) => {
    const word = wordAt(event.target);
    if (word === null) {
      if (!box.contains(event.target)) close();
      return;
    }
    event.stopPropagation();  // the event or step around it is not gone to
    open(word);
  }, true);
  document.addEventListener('focusin', (event) => {
    const word = wordAt(event.target);
    if (word !== null && word.matches(':focus-visible')) open(word);
    else if (anchor !== null && word === null && !box.contains(event.target)) close();
  });
  // What has the focus was scrolled to; the box goes along.
  document.addEventListener('scroll', (event) => {
    if (anchor === null || box.contains(event.target)) return;
    if (anchor === document.activeElement) place();
    else close();
  }, { capture: true, passive: true });
  window.addEventListener('resize', close);
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && anchor !== null) {
      const word = anchor;
      const inside = box.contains(document.activeElement);
      close();
      if (inside) focusQuietly(word);
    } else if (event.key === 'Tab' && box.contains(event.target)) {
      focusQuietly(anchor);
      return;  // and on from there
    } else if ((event.key === 'Enter' || event.key === ' ') && wordAt(event.target)) {
      open(wordAt(event.target));
      box.querySelector('button')?.focus();
    } else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && wordAt(event.target)) {
      toNext(wordAt(event.target), event.key === 'ArrowDown' ? 1 : -1);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }, true);

  function focusQuietly(word) {
    word.focus();
    close();
  }

  function toNext(word, step) {
    const group = GROUPS.find((name) => document.querySelector(name)?.contains(word));
    const words = group ? wordsOf(group) : [word];
    const next = words[(words.indexOf(word) + step + words.length) % words.length];
    for (const one of words) one.tabIndex = one === next ? 0 : -1;
    next.focus();
    open(next);
  }

  app.on((what) => {
    if (!app.ready || !['state', 'scenario', 'language', 'panel', 'select'].some((name) => what.has(name))) return;
    if (anchor && !anchor.isConnected) close();
    refresh().catch(() => {});  // without the words of a language its texts stand as they are
  });
  await refresh();
}
