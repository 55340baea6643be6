// What the page finds things by, made from what the lessons and tables say: chapters for the gallery's list, the texts that
// are searched, the glossary and the index by course headings. Each is a table in web/find or web/glossary, or comes from
// the scenarios and docs/ops.md; what does not fit together stops the build.
//
//   web/find/chapters.json ─────────────────────► scenarios/index.json      with the first load
//   scenarios/*.json, docs/ops.md, web/glossary ─► find/search.<language>.json
//   web/glossary/*.json ────────────────────────► find/glossary.<language>.json   when the page has loaded
//   web/find/headings.json ─────────────────────► find/headings.json

import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

export const LANGUAGES = ['en', 'zh'];
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));
const local = (text, language) => (typeof text === 'string' ? text : text?.[language] ?? text?.en ?? '');

// ---- what there is --------------------------------------------------------------------------------------------------

/** How many ops a step of a scenario stands for. */
export function opsOf(step) {
  if (step.repeat) return step.repeat.count * step.repeat.steps.length;
  return step.random ? step.random.count : 1;
}

/** The scenarios of a folder, in the order of their names: [{id, json}]. */
export function readScenarios(folder) {
  return readdirSync(folder).filter((name) => name.endsWith('.json')).sort()
    .map((name) => ({ id: basename(name, '.json'), json: readJson(join(folder, name)) }));
}

export const readChapters = (web) => readJson(join(web, 'find', 'chapters.json'));
export const readHeadings = (web) => readJson(join(web, 'find', 'headings.json'));

/** All entries of the glossary, in the order of their files. */
export function readGlossary(web) {
  const folder = join(web, 'glossary');
  return readdirSync(folder).filter((name) => name.endsWith('.json')).sort().flatMap((name) => readJson(join(folder, name)));
}

/** The ops as docs/ops.md has them: [{name, function, en, zh}]. */
export function readOps(root) {
  const text = readFileSync(join(root, 'docs', 'ops.md'), 'utf8');
  return text.split(/^## /m).slice(1).map((section) => {
    const [name, , en, zh] = section.split('\n');
    return { name: name.trim(), function: /^Stands for `([^`]+)`/m.exec(section)?.[1] ?? '', en, zh };
  });
}

// ---- chapters -------------------------------------------------------------------------------------------------------

/** What is wrong with the table of chapters: a lesson without one, one that stands twice, one that is not there. */
export function chapterProblems(chapters, lessons) {
  const named = chapters.flatMap((chapter) => chapter.lessons);
  return [
    ...lessons.filter((id) => !named.includes(id)).map((id) => `${id} is in no chapter of web/find/chapters.json`),
    ...named.filter((id) => !lessons.includes(id)).map((id) => `web/find/chapters.json names ${id}, which is no lesson`),
    ...named.filter((id, i) => named.indexOf(id) !== i).map((id) => `${id} is twice in web/find/chapters.json`),
  ];
}

/** The list of the gallery: {chapters: [{id, title}], scenarios: [{id, chapter?, steps, questions, title, …}]}, chapter by chapter. */
export function galleryList({ web, scenarios, needRest, chapters = readChapters(web) }) {
  const all = readScenarios(scenarios);
  const lessons = all.filter(({ json }) => json.steps?.length > 0).map(({ id }) => id);
  const problems = chapterProblems(chapters, lessons);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const byId = new Map(all.map((scenario) => [scenario.id, scenario]));
  const entry = ({ id, json }, chapter) => ({
    id, kind: chapter ? 'lesson' : 'machine', chapter, title: json.title, machine: json.machine?.name,
    steps: json.steps.length || undefined,
    questions: json.steps.filter((step) => step.question).length || undefined,
    rest: needRest.includes(id) || undefined,
  });
  return {
    chapters: chapters.map(({ id, title }) => ({ id, title })),
    scenarios: [
      ...chapters.flatMap((chapter) => chapter.lessons.map((id) => entry(byId.get(id), chapter.id))),
      ...all.filter(({ id }) => !lessons.includes(id)).map((scenario) => entry(scenario)),
    ],
  };
}

// ---- glossary and index ---------------------------------------------------------------------------------------------

/** The glossary in one language: [{word, id?, text, forms, lesson?, mark?, chapters?}]. id: the English word, where it is another. The kernel's words are found in both. */
export function glossaryIn(language, entries) {
  return entries.map(({ word, zhWord, also = [], zhAlso = [], en, zh, lesson, mark, chapters }) => ({
    word: language === 'zh' && zhWord ? `${zhWord} (${word})` : word,
    id: language === 'zh' && zhWord ? word : undefined,
    text: language === 'zh' ? zh : en,
    forms: [...(zhWord ? [zhWord] : []), ...zhAlso, word, ...also],
    lesson, mark, chapters,
  }));
}

/** What is wrong with the table of course headings: a target that is not there. views: names of views. */
export function headingProblems(courses, scenarios, views) {
  const steps = new Map(scenarios.map(({ id, json }) => [id, json.steps.length]));
  return courses.flatMap(({ headings }) => headings).flatMap(({ zh, lesson, step, view }) => [
    lesson !== undefined && !steps.has(lesson) ? `${zh}: there is no lesson ${lesson}` : null,
    step !== undefined && !(step >= 1 && step <= (steps.get(lesson) ?? 0)) ? `${zh}: ${lesson} has no step ${step}` : null,
    view !== undefined && !views.includes(view) ? `${zh}: there is no view ${view}` : null,
  ].filter(Boolean));
}

// ---- what is searched -----------------------------------------------------------------------------------------------

/** The ops of a step, each once: of a repeat those inside it. */
const opsIn = (step) => (step.repeat ? step.repeat.steps : [step]).filter(({ op }) => op);

// Words of a step that stand in no sentence: functions, events, flags, names of caches and results.
function termsOf(step, functions) {
  const terms = new Set();
  for (const op of opsIn(step)) {
    terms.add(op.op);
    if (functions.has(op.op)) terms.add(functions.get(op.op));
    for (const field of ['gfp', 'flags', 'prot', 'name', 'helper']) {
      if (typeof op[field] === 'string') op[field].split('|').forEach((word) => terms.add(word));
    }
  }
  for (const name of [step.random?.gfp, step.random?.as].flat()) if (name) terms.add(name);
  const { events = {}, no_events: none = [], last = {} } = step.expect ?? {};
  for (const name of [...(Array.isArray(events) ? events : Object.keys(events)), ...none, ...Object.keys(last)]) terms.add(name);
  return [...terms].join(' ');
}

/**
 * All that is searched, in one language: {lessons: [[id, notes]], steps: [[lesson, step, op, text, terms, asked?]],
 * ops: [[name, function, text, lesson?, op?]], functions: [[name, places]]}. lesson: the index in `lessons`; op: how many
 * ops are before the step; asked: the text is the step's question, which its note would answer.
 */
export function searchTexts({ language, root, web, scenarios, chapters = readChapters(web) }) {
  const order = chapters.flatMap((chapter) => chapter.lessons);
  const byId = new Map(readScenarios(scenarios).map(({ id, json }) => [id, json]));
  const ops = readOps(root);
  const functions = new Map(ops.map((op) => [op.name, op.function.replace(/ \(.*$/, '')]));
  const used = new Map();
  const steps = [];
  order.forEach((id, lesson) => {
    let op = 0;
    byId.get(id).steps.forEach((step, index) => {
      const asked = step.question !== undefined;
      const text = local(asked ? step.question.text : step.note, language);
      steps.push([lesson, index + 1, op, text, termsOf(step, functions), ...(asked ? [1] : [])]);
      for (const { op: name } of opsIn(step)) if (!used.has(name)) used.set(name, [lesson, op]);
      op += opsOf(step);
    });
  });
  return {
    lessons: order.map((id) => [id, local(byId.get(id).notes, language)]),
    steps,
    ops: ops.map((op) => [op.name, op.function, op[language], ...(used.get(op.name) ?? [])]),
    functions: Object.entries(readJson(join(web, 'find', 'functions.json')))
      .map(([name, places]) => [name, places.map(([id, step, event]) => [order.indexOf(id), step, event]).filter(([lesson]) => lesson >= 0)])
      .filter(([, places]) => places.length > 0),
  };
}

/** Path below the page → contents, of all that is fetched when something is looked for. chapters: of these lessons alone. */
export function findFiles({ root, web, scenarios, chapters = readChapters(web) }) {
  const files = new Map();
  const there = new Set(chapters.flatMap((chapter) => chapter.lessons));
  const glossary = readGlossary(web).map((entry) => ({ ...entry, lesson: there.has(entry.lesson) ? entry.lesson : undefined }));
  for (const language of LANGUAGES) {
    files.set(`find/glossary.${language}.json`, JSON.stringify(glossaryIn(language, glossary)));
    files.set(`find/search.${language}.json`, JSON.stringify(searchTexts({ language, root, web, scenarios, chapters })));
  }
  const courses = readHeadings(web).map(({ course, headings }) => ({
    course, headings: headings.filter(({ lesson, view }) => (lesson ? there.has(lesson) : view)),
  }));
  const ops = new Map();
  const opOf = (lesson, step) => {
    if (!ops.has(lesson)) ops.set(lesson, readJson(join(scenarios, `${lesson}.json`)).steps.map(opsOf));
    return ops.get(lesson).slice(0, step - 1).reduce((sum, n) => sum + n, 0);
  };
  for (const heading of courses.flatMap(({ headings }) => headings)) if (heading.step) heading.op = opOf(heading.lesson, heading.step);
  files.set('find/headings.json', JSON.stringify(courses));
  // What the gallery says of each below its title; the first picture does not wait for it.
  files.set('find/summaries.json', JSON.stringify(Object.fromEntries(readScenarios(scenarios).map(({ id, json }) => [id, json.summary]))));
  return files;
}
