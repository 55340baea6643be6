// Makes packages for course systems, SCORM 1.2 and SCORM 2004: the page with some lessons, and a start page for each of them.
//
//   node tools/pack-course.mjs --course LESSON… [--scorm 1.2|2004] [--lang en|zh] [--title T] [--pass N] [--out DIR]
//
// LESSON is the name of a lesson, or the path of a scenario file. In the package stand
//
//   imsmanifest.xml     what is in it (scorm-manifest.mjs)
//   02-buddy.html       the start page of a lesson (web/course/sco.html)
//   course/             what the start pages run
//   page/               the page: of its lessons and machines, and of what is searched, only what these lessons need
//
// ./dev adds --page, the folder of the built page, and --checker, the command line that checks the person's own files. With --check
// only the command line is read. Exit codes are those of the command line (README.md).

import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { versionOf } from '../web/embed/result-code.js';
import { SCENARIO_MAX } from '../web/js/limits.js';
import { isOwn } from '../web/js/own.js';
import { plain } from '../web/js/plain.js';
import { findFiles, galleryList, readChapters } from './find.mjs';
import { STANDARDS, escapeXml, manifest } from './scorm-manifest.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const WEB = join(ROOT, 'web');
const SCENARIOS = join(ROOT, 'scenarios');
const CALLER = process.env.CALLER ?? process.cwd();
const USE = './dev pack --course LESSON… [--scorm 1.2|2004] [--lang en|zh] [--title T] [--pass N] [--out DIR]';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const MOST_LESSONS = 200;
const MAX_TITLE = 200;     // characters that SCORM 2004 keeps of a title
const MAX_QUESTION = 250;  // and of what a question says
const MAX_SUMMARY = 1000;
const OF_PAGE = /^(?:index\.html|icon\.svg|kernel-sources\.json|NOTICES\.txt|mmscope[\w.-]*\.(?:js|wasm)|(?:js|css|fonts)\/.+)$/;
const ROOT_TAG = /<html lang="en">/;  // it says that the page is in a package: web/css/packed.css
const STAMP = new Date(2000, 0, 1);  // of all files, so that the same lessons give the same package

/** What ends it, with its exit code. */
class Problem extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}
const wrong = (message) => new Problem(2, message);
const unread = (message) => new Problem(3, message);
const unwritten = (folder, error) => new Problem(4, `cannot write in ${folder}: ${error.message}`);

// ---- the command line -----------------------------------------------------------------------------------------------

function readOptions(args) {
  let read;
  try {
    read = parseArgs({
      args, allowPositionals: true, options: {
        course: { type: 'boolean' }, scorm: { type: 'string', multiple: true }, lang: { type: 'string' }, title: { type: 'string' },
        pass: { type: 'string' }, out: { type: 'string' }, page: { type: 'string' }, checker: { type: 'string' }, check: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw wrong(`${error.message.split('. ')[0]}; ${USE}`);
  }
  const { values, positionals } = read;
  const { lang = 'en', pass = '0' } = values;
  const standards = [...new Set(values.scorm ?? STANDARDS)];
  if (positionals.length === 0) throw wrong(`which lessons? ${USE}`);
  if (positionals.length > MOST_LESSONS) throw wrong(`${positionals.length} lessons are too many for one package; it takes ${MOST_LESSONS}`);
  for (const one of standards) if (!STANDARDS.includes(one)) throw wrong(`--scorm ${one}: it is 1.2 or 2004`);
  if (!['en', 'zh'].includes(lang)) throw wrong(`--lang ${lang}: it is en or zh`);
  if (values.pass !== undefined && !/^(?:[1-9]\d?|100)$/.test(pass)) throw wrong(`--pass ${pass}: it is a number of per cent from 1 to 100`);
  const title = values.title === undefined ? null : plain(values.title).trim();
  if (title === '') throw wrong('--title: there is nothing in it');
  if (title?.length > MAX_TITLE) throw wrong(`--title: it has ${title.length} characters; course systems keep ${MAX_TITLE}`);
  return { ...values, standards, lang, pass: Number(pass), title, names: positionals };
}

// ---- lessons --------------------------------------------------------------------------------------------------------

/** A lesson of the project by its name, or a file of the person's: {id, path, own}. */
function findLesson(name) {
  const own = name.endsWith('.json') || name.includes('/');
  if (!own) {
    const path = join(SCENARIOS, `${name}.json`);
    if (!NAME.test(name) || !existsSync(path)) {
      throw wrong(`there is no lesson ${plain(name, 80)}; lessons are called as their files in scenarios/, 02-buddy for one. A file of your own ends with .json`);
    }
    return { id: name, path, own };
  }
  const path = resolve(CALLER, name);
  const id = basename(path, '.json');
  if (!existsSync(path)) throw wrong(`there is no file ${plain(name, 200)}`);
  if (!NAME.test(id)) throw wrong(`${plain(name, 200)}: the name of a lesson has letters, digits, ".", "_" and "-", 64 at most`);
  if (isOwn(id)) throw wrong(`${id}.json: the page keeps this name for what is pasted into it; call the file something else`);
  if (id.toLowerCase() === 'index') throw wrong(`${id}.json: the page has its list of lessons under this name; call the file something else`);
  return { id, path, own };
}

const isText = (text) => text === undefined || typeof text === 'string'
  || (typeof text === 'object' && text !== null && [text.en ?? '', text.zh ?? ''].every((one) => typeof one === 'string'));

/** What a package says of a lesson is text. */
function checkTexts({ title, summary, steps }) {
  const texts = { title, summary };
  for (const [i, step] of steps.entries()) {
    if (step === null || typeof step !== 'object') throw new Error(`steps[${i}] is no step`);
    texts[`steps[${i}].question.text`] = step.question?.text;
  }
  for (const [name, text] of Object.entries(texts)) if (!isText(text)) throw new Error(`${name} is no text`);
}

function readLesson({ id, path, own }) {
  let source;
  try {
    if (statSync(path).size > SCENARIO_MAX) throw new Error(`a scenario has ${SCENARIO_MAX / 2 ** 20} MiB at most`);
    source = readFileSync(path, 'utf8');
    const json = JSON.parse(source);
    if (!Array.isArray(json?.steps) || json.steps.length === 0) throw new Error('it has no steps');
    checkTexts(json);
    return { id, path, own, source, json };
  } catch (error) {
    throw unread(`${path}: ${error.message}`);
  }
}

function findLessons(names) {
  const lessons = names.map(findLesson);
  const seen = new Map();
  for (const [i, { id }] of lessons.entries()) {
    const key = id.toLowerCase();  // a file for each, on any system
    if (seen.has(key)) throw wrong(`${id} is there twice: ${seen.get(key)}, ${names[i]}`);
    seen.set(key, names[i]);
  }
  return lessons.map(readLesson);
}

/** The person's own files are run as ./dev cli check does it. */
function checkOwn(lessons, checker) {
  for (const { own, path } of lessons) {
    if (!own || !checker) continue;
    try {
      execFileSync(checker, ['check', path], { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });
    } catch (error) {
      throw unread(`${path} does not hold:\n${[error.stdout, error.stderr].filter(Boolean).join('').trim() || error.message}`);
    }
  }
}

// ---- what is in the package -----------------------------------------------------------------------------------------

const local = (text, language) => (typeof text === 'string' ? text : text?.[language] || text?.en || '');

/** The chapters of these lessons alone; files of the person's own stand in one of the course's. */
function chaptersOf(lessons, title) {
  const ids = lessons.filter(({ own }) => !own).map(({ id }) => id);
  const chapters = readChapters(WEB).map((chapter) => ({ ...chapter, lessons: chapter.lessons.filter((id) => ids.includes(id)) }));
  const own = lessons.filter((lesson) => lesson.own).map(({ id }) => id);
  return [...chapters, { id: 'course', title, lessons: own }].filter((chapter) => chapter.lessons.length > 0);
}

/** The built page: what build.json says, the list of its lessons, and the files that do not depend on them, path → bytes. */
function readPage(page) {
  try {
    const build = JSON.parse(readFileSync(join(page, 'build.json'), 'utf8'));
    const { scenarios } = JSON.parse(readFileSync(join(page, 'scenarios', 'index.json'), 'utf8'));
    const paths = build.files.map(({ path }) => path).filter((path) => OF_PAGE.test(path));
    const files = new Map(paths.map((path) => [path, readFileSync(join(page, path))]));
    const index = String(files.get('index.html'));
    if (!ROOT_TAG.test(index)) throw new Error('index.html does not begin as the page does');
    files.set('index.html', Buffer.from(index.replace(ROOT_TAG, '<html lang="en" data-packed>')));
    return { build, scenarios, files };
  } catch (error) {
    throw unread(`${page} is no built page (${error.message}); ./dev build makes it`);
  }
}

/** What the page finds its lessons by, made for these alone. */
function madeFiles(lessons, chapters, rest) {
  const scenarios = mkdtempSync(join(tmpdir(), 'mmscope-course-'));
  try {
    for (const { id, source } of lessons) writeFileSync(join(scenarios, `${id}.json`), source);
    const files = findFiles({ root: ROOT, web: WEB, scenarios, chapters });
    const list = galleryList({ web: WEB, scenarios, chapters, needRest: rest });
    return files.set('scenarios/index.json', JSON.stringify(list));
  } finally {
    rmSync(scenarios, { recursive: true, force: true });
  }
}

function packPage(page, lessons, title) {
  const { build, scenarios, files } = readPage(page);
  // A file of the person's own may need any part of the engine.
  const rest = lessons.filter(({ id, own }) => own || scenarios.find((one) => one.id === id)?.rest).map(({ id }) => id);
  for (const [name, text] of madeFiles(lessons, chaptersOf(lessons, title), rest)) files.set(name, Buffer.from(text));
  for (const { id, path, source, json } of lessons) {
    files.set(`scenarios/${id}.json`, Buffer.from(source));
    const machine = json.machine?.name;
    if (machine === undefined) continue;
    const file = `scenarios/machines/${machine}.json`;
    if (!NAME.test(machine) || !existsSync(join(page, file))) throw unread(`${path}: there is no machine ${plain(String(machine), 80)}`);
    files.set(file, readFileSync(join(page, file)));
  }
  const listed = [...files].map(([path, bytes]) => ({ path, bytes: bytes.length }));
  files.set('build.json', Buffer.from(JSON.stringify({ version: build.version, id: build.id, files: listed })));
  return files;
}

/** The start page of a lesson. */
function startPage(template, lesson, { standard, lang, pass }) {
  const title = titleOf(lesson, lang);
  const course = {
    standard, lesson: lesson.id, title, language: lang, pass, version: versionOf(lesson.source),
    questions: lesson.json.steps.filter((step) => step.question).map(({ question }) => plain(local(question.text, lang), MAX_QUESTION - 1)),
  };
  const values = { LANG: lang === 'zh' ? 'zh-Hans' : 'en', TITLE: escapeXml(title), COURSE: JSON.stringify(course).replaceAll('<', '\\u003c') };
  return template.replace(/@(LANG|TITLE|COURSE)@/g, (whole, name) => values[name]);
}

const titleOf = ({ id, json }, lang) => plain(local(json.title, lang), MAX_TITLE - 1).trim() || id;

async function courseScript() {
  const { buildSync } = await import('esbuild');
  const { outputFiles } = buildSync({
    entryPoints: [join(WEB, 'course', 'course.js')], bundle: true, format: 'esm', charset: 'utf8', minify: true, legalComments: 'none',
    target: ['chrome94', 'firefox93', 'safari15.4'], write: false,
  });
  return Buffer.from(outputFiles[0].contents);
}

/** All that is in a package: path → bytes. */
function packageFiles(standard, shared, lessons, options) {
  const template = readFileSync(join(WEB, 'course', 'sco.html'), 'utf8');
  const pages = lessons.map((lesson) => [`${lesson.id}.html`, Buffer.from(startPage(template, lesson, { ...options, standard }))]);
  const hash = createHash('sha256');
  for (const [name, bytes] of [...shared, ...pages]) hash.update(name).update('\0').update(bytes);
  const xml = manifest({
    standard, identifier: `mmscope-${hash.digest('hex').slice(0, 16)}`, title: options.title, language: options.lang, pass: options.pass,
    summary: lessons.length === 1 ? plain(local(lessons[0].json.summary, options.lang), MAX_SUMMARY - 1) : '',
    lessons: lessons.map((lesson) => ({ id: lesson.id, title: titleOf(lesson, options.lang), page: `${lesson.id}.html` })),
    files: [...shared.keys()],
  });
  return new Map([['imsmanifest.xml', Buffer.from(xml)], ...pages, ...shared]);
}

// ---- writing --------------------------------------------------------------------------------------------------------

const STORED = new Set(['.png', '.woff2']);  // small already

async function zip(files) {
  const { zipSync } = await import('fflate');
  const entries = [...files].map(([name, bytes]) => [name, [bytes, { level: STORED.has(extname(name)) ? 0 : 9, mtime: STAMP }]]);
  return zipSync(Object.fromEntries(entries));
}

// One folder after the other: where a parent is and takes none, as /proc, node's { recursive: true } tries for ever.
function makeFolder(path) {
  if (existsSync(path)) {
    if (!statSync(path).isDirectory()) throw new Error(`${path} is no folder`);
    return;
  }
  makeFolder(dirname(path));
  mkdirSync(path);
}

/** All or none of them. */
function writeAll(out, packages) {
  const parts = packages.map(({ name }) => join(out, `.${name}.${process.pid}.part`));
  try {
    makeFolder(out);
  } catch (error) {
    throw unwritten(out, error);
  }
  try {
    packages.forEach(({ bytes }, i) => writeFileSync(parts[i], bytes));
    packages.forEach(({ name }, i) => renameSync(parts[i], join(out, name)));
  } catch (error) {
    for (const part of parts) rmSync(part, { force: true });
    throw unwritten(out, error);
  }
}

const kilobytes = (bytes) => Math.round(bytes / 1000).toLocaleString('en-US');

export async function run(args) {
  const options = readOptions(args);
  const lessons = findLessons(options.names);
  if (options.check) return;
  options.title ??= lessons.length === 1 ? titleOf(lessons[0], options.lang) : 'mmscope';
  checkOwn(lessons, options.checker);
  const page = packPage(options.page ?? join(ROOT, 'build', 'web', 'dist'), lessons, options.title);
  const shared = new Map([
    ['course/course.js', await courseScript()],
    ['course/course.css', readFileSync(join(WEB, 'course', 'course.css'))],
    ...[...page].map(([name, bytes]) => [`page/${name}`, bytes]),
  ]);
  const first = lessons[0].id + (lessons.length > 1 ? `-and-${lessons.length - 1}-more` : '');
  const packages = [];
  for (const standard of options.standards) {
    const files = packageFiles(standard, shared, lessons, options);
    packages.push({ name: `${first}.scorm${standard === '1.2' ? '12' : standard}.zip`, bytes: await zip(files), files });
  }
  const out = resolve(CALLER, options.out ?? join(ROOT, 'build', 'courses'));
  writeAll(out, packages);
  for (const { name, bytes, files } of packages) {
    const unpacked = [...files.values()].reduce((sum, file) => sum + file.length, 0);
    console.log(`${join(out, name)}: ${kilobytes(bytes.length)} kB, ${files.size} files of ${kilobytes(unpacked)} kB`);
  }
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  run(process.argv.slice(2)).catch((error) => {
    if (!(error instanceof Problem)) throw error;
    console.error(`dev: ${error.message}`);
    process.exitCode = error.code;
  });
}
