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
export function galleryList({ web, scenarios, needRest }) {
  const all = readScenarios(scenarios);
  const chapters = readChapters(web);
  const lessons = all.filter(({ json }) => json.steps?.length > 0).map(({ id }) => id);
  const problems = chapterProblems(chapters, lessons);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const byId = new Map(all.map((scenario) => [scenario.id, scenario]));
  const entry = ({ id, json }, chapter) => ({
    id, kind: chapter ? 'lesson' : 'machine', chapter, title: json.title, summary: json.summary, machine: json.machine?.name,
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
