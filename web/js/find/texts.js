// The texts of all lessons and tables, searched. Fetched on the first search: find/search.<language>.json, made by
// tools/find.mjs; the index itself is minisearch's.
import MiniSearch from 'minisearch';

const MOST = { word: 3, lesson: 4, step: 8, function: 5, heading: 4, view: 3 };  // results of a kind
const AROUND = [36, 100];  // characters of a text before and behind what was found; of Chinese half as many
const HAN = /\p{Script=Han}/u;

// Names of the kernel are found whole and by their parts, Chinese by one character and by two that stand together. parts: of
// what is searched, not of what is looked for.
function tokens(text, parts) {
  const found = [];
  for (const word of text.match(/[A-Za-z0-9][\w.]*|\p{Script=Han}+/gu) ?? []) {
    if (HAN.test(word)) {
      const characters = [...word];
      if (parts || characters.length === 1) found.push(...characters);
      for (let i = 1; i < characters.length; ++i) found.push(characters[i - 1] + characters[i]);
      continue;
    }
    const name = word.replace(/[._]+$/, '').toLowerCase();
    found.push(name);
    if (parts && /[._]/.test(name)) found.push(...name.split(/[._]+/).filter((part) => part.length > 1));
  }
  return found;
}

/** Fetches what is searched in a language. read(path): JSON; views: [{id, title, text}]; titleOf(id): the title of a lesson. */
export async function loadTexts(language, read, { views, titleOf }) {
  const [texts, glossary, courses] = await Promise.all(
    [`find/search.${language}.json`, `find/glossary.${language}.json`, 'find/headings.json'].map(read));
  return new Texts(documents(language, texts, glossary, courses, { views, titleOf }));
}

// What can be found: {kind, title, text, terms, …} with where it leads.
export function documents(language, { lessons, steps, ops, functions }, glossary, courses, { views, titleOf }) {
  const id = (lesson) => lessons[lesson][0];
  const all = lessons.map(([lesson, notes]) => ({ kind: 'lesson', lesson, title: titleOf(lesson), text: notes }));
  for (const [lesson, step, op, text, terms, asked] of steps) {
    all.push({ kind: 'step', lesson: id(lesson), step, op, asked: asked === 1, text, terms });
  }
  for (const { word, id: key, text, forms, lesson } of glossary) all.push({ kind: 'word', word: key ?? word, lesson, title: word, terms: forms.join(' '), text });
  for (const [name, stands, text, lesson, op] of ops) {
    all.push({ kind: 'function', title: name, terms: stands, text, ...(lesson === undefined ? {} : { lesson: id(lesson), op }) });
  }
  for (const [name, places] of functions) {
    if (ops.some(([op]) => op === name)) continue;
    for (const [lesson, op, event] of places) all.push({ kind: 'function', title: name, lesson: id(lesson), op, event });
  }
  for (const { course, headings } of courses) {
    for (const heading of headings) all.push({ kind: 'heading', ...heading, title: heading[language], terms: heading.zh, text: course[language] });
  }
  for (const view of views) all.push({ kind: 'view', view: view.id, title: view.title, text: view.text });
  return all;
}

const mistyped = (term) => (term.length > 4 && !HAN.test(term) ? 0.25 : false);

export class Texts {
  #index = new MiniSearch({
    fields: ['title', 'terms', 'text'],
    tokenize: (text) => tokens(text, true),
    processTerm: (term) => term,
    searchOptions: {
      tokenize: (text) => tokens(text, false),
      combineWith: 'AND',
      prefix: (term) => term.length > 1,
      boost: { title: 4, terms: 2 },
    },
  });
  #documents;

  constructor(all) {
    this.#documents = all;
    this.#index.addAll(all.map(({ title = '', terms = '', text = '' }, i) => ({ id: i, title, terms, text })));
  }

  /** [{kind, title, excerpt: [[text, isMatch]…], …}], the kinds in the order of MOST, the best of each first. */
  search(query) {
    const wanted = tokens(query, false);
    if (wanted.length === 0) return [];
    const found = Object.fromEntries(Object.keys(MOST).map((kind) => [kind, []]));
    const exact = this.#index.search(query);
    const results = exact.length > 0 ? exact : this.#index.search(query, { fuzzy: mistyped });
    for (const { id, terms } of results) {
      const document = this.#documents[id];
      if (found[document.kind].length >= MOST[document.kind]) continue;
      found[document.kind].push({ ...document, excerpt: excerpt(document.text ?? '', [query.trim().toLowerCase(), ...wanted, ...terms]) });
    }
    return Object.values(found).flat();
  }
}

// The piece of a text where one of the words stands, in three parts: before, the word, behind.
function excerpt(text, words) {
  const line = text.replace(/\s+/g, ' ');
  const lower = line.toLowerCase();
  const word = words.find((one) => one !== '' && lower.includes(one));
  const at = word === undefined ? 0 : lower.indexOf(word);
  const [before, behind] = HAN.test(line) ? AROUND.map((n) => n / 2) : AROUND;
  const from = at <= before ? 0 : at - before;
  const to = Math.min(line.length, at + behind);
  const end = word === undefined ? at : at + word.length;
  return [[(from > 0 ? '…' : '') + line.slice(from, at), false], [line.slice(at, end), true], [line.slice(end, to) + (to < line.length ? '…' : ''), false]]
    .filter(([part]) => part !== '');
}
