// Course packages without a browser: what is in them, their manifests by the rules of the standards, and what is refused.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { strFromU8, unzipSync } from 'fflate';
import { versionOf } from '../../web/embed/result-code.js';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const work = mkdtempSync(join(tmpdir(), 'mmscope-pack-'));
after(() => rmSync(work, { recursive: true, force: true }));

// A built page with a file of each sort; a package takes what a lesson needs of it.
const PAGE = join(work, 'page');
const BUILT = {
  'index.html': '<!doctype html>\n<html lang="en">\n<title>mmscope</title>', 'icon.svg': '<svg/>', 'NOTICES.txt': 'notices', 'kernel-sources.json': '{}', 'mmscope.js': '1', 'mmscope.wasm': 'w',
  'mmscope.rest-0123.wasm': 'r', 'js/main.js': 'main', 'js/lazy/find.js': 'find', 'css/page.css': 'css', 'fonts/chinese.ttf': 'font',
  'conformance.json': '{}', 'schema/mmscope-1.schema.json': '{}', 'embed/results.html': 'results', 'scenarios/05-pcp.json': '{}',
  'scenarios/machines/arm64-6.1-1g.json': '{"machine": 1}', 'scenarios/machines/arm64-5.10-1g.json': '{"machine": 2}',
  'scenarios/index.json': JSON.stringify({ chapters: [], scenarios: [{ id: '02-buddy' }, { id: '10-why-slab', rest: true }] }),
};
for (const [name, text] of Object.entries(BUILT)) {
  mkdirSync(dirname(join(PAGE, name)), { recursive: true });
  writeFileSync(join(PAGE, name), text);
  writeFileSync(join(PAGE, `${name}.br`), 'smaller');
}
const files = Object.entries(BUILT).map(([path, text]) => ({ path, bytes: text.length }));
writeFileSync(join(PAGE, 'build.json'), JSON.stringify({ version: '1', id: 'abc', files }));

let outs = 0;
function pack(args, { page = PAGE, wrap = [] } = {}) {
  const out = join(work, `out-${++outs}`);
  const command = [...wrap, process.execPath, join(ROOT, 'tools', 'pack-course.mjs'), '--page', page, '--out', out, ...args];
  const { status, stdout, stderr } = spawnSync(command[0], command.slice(1), { cwd: work, encoding: 'utf8', timeout: 60_000, env: { ...process.env, CALLER: work } });
  const list = () => { try { return readdirSync(out).sort(); } catch { return []; } };
  return { status, stdout, stderr, out, names: list() };
}

function packed(args, name) {
  const { status, stderr, out, names } = pack(args);
  assert.equal(status, 0, stderr);
  assert.ok(names.includes(name), names.join(' '));
  return new Map(Object.entries(unzipSync(readFileSync(join(out, name)))).map(([path, bytes]) => [path, strFromU8(bytes)]));
}

// ---- reading a manifest ---------------------------------------------------------------------------------------------

const unescape = (text) => text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/g, (whole, ten, hex, name) =>
  (name ? { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }[name] ?? assert.fail(whole) : String.fromCodePoint(parseInt(ten ?? hex, ten ? 10 : 16))));

/** {name, attributes, children, text}; fails on what is not well formed. */
function readXml(xml) {
  const rest = xml.replace(/^<\?xml version="1.0" encoding="UTF-8"\?>\n/, '');
  assert.notEqual(rest, xml, 'it begins with its declaration');
  const root = { name: '', children: [], text: '' };
  const open = [root];
  let at = 0;
  for (const match of rest.matchAll(/<(\/?)([\w:]+)((?:\s+[\w:]+="[^"<]*")*)\s*(\/?)>|([^<]+)/g)) {
    assert.equal(match.index, at, rest.slice(at, at + 60));
    at += match[0].length;
    const [, closes, name, attributes, empty, text] = match;
    const top = open.at(-1);
    if (text !== undefined) {
      assert.doesNotMatch(text, /&(?!#\d+;|#x[0-9a-f]+;|(?:lt|gt|amp|quot|apos);)/);
      top.text += unescape(text);
    } else if (closes) {
      assert.equal(open.pop().name, name);
    } else {
      const pairs = [...attributes.matchAll(/([\w:]+)="([^"]*)"/g)].map(([, key, value]) => [key, unescape(value)]);
      assert.equal(new Set(pairs.map(([key]) => key)).size, pairs.length, 'an attribute stands once');
      const element = { name, attributes: Object.fromEntries(pairs), children: [], text: '' };
      top.children.push(element);
      if (!empty) open.push(element);
    }
  }
  assert.equal(at, rest.length);
  assert.equal(open.length, 1, 'all is closed');
  assert.equal(root.children.length, 1);
  return root.children[0];
}

const all = (element, name) => [...(element.name === name ? [element] : []), ...element.children.flatMap((child) => all(child, name))];
const one = (element, name) => { const found = all(element, name); assert.equal(found.length, 1, name); return found[0]; };
const child = (element, name) => element.children.find((one_) => one_.name === name);

const STANDARDS = {
  '1.2': { name: 'scorm12', version: '1.2', space: 'http://www.imsproject.org/xsd/imscp_rootv1p1p2', adlcp: 'http://www.adlnet.org/xsd/adlcp_rootv1p2', type: 'adlcp:scormtype' },
  2004: { name: 'scorm2004', version: '2004 4th Edition', space: 'http://www.imsglobal.org/xsd/imscp_v1p1', adlcp: 'http://www.adlnet.org/xsd/adlcp_v1p3', type: 'adlcp:scormType' },
};

for (const [standard, { name, version, space, adlcp, type }] of Object.entries(STANDARDS)) {
  test(`the manifest has what SCORM ${standard} asks for, and lists each file of the package`, () => {
    const contents = packed(['--course', '02-buddy', '10-why-slab', '--scorm', standard], `02-buddy-and-1-more.${name}.zip`);
    const root = readXml(contents.get('imsmanifest.xml'));
    assert.equal(root.name, 'manifest');
    assert.deepEqual([root.attributes.xmlns, root.attributes['xmlns:adlcp']], [space, adlcp]);
    assert.deepEqual(root.children.map((element) => element.name), ['metadata', 'organizations', 'resources']);
    const metadata = child(root, 'metadata');
    assert.deepEqual([child(metadata, 'schema').text, child(metadata, 'schemaversion').text], ['ADL SCORM', version]);

    const ids = [root, ...all(root, 'organization'), ...all(root, 'item'), ...all(root, 'resource')].map(({ attributes }) => attributes.identifier);
    assert.equal(new Set(ids).size, ids.length);
    for (const id of ids) assert.match(id, /^[A-Za-z_][\w.-]*$/, 'an identifier is a name of XML without a colon');
    assert.equal(child(root, 'organizations').attributes.default, one(root, 'organization').attributes.identifier);

    const resources = new Map(all(root, 'resource').map((resource) => [resource.attributes.identifier, resource]));
    assert.deepEqual(all(root, 'item').map((item) => resources.get(item.attributes.identifierref).attributes.href), ['02-buddy.html', '10-why-slab.html']);
    for (const { attributes } of resources.values()) assert.equal(attributes.type, 'webcontent');
    assert.deepEqual([...resources.values()].map(({ attributes }) => attributes[type]), ['sco', 'sco', 'asset']);
    for (const { attributes } of all(root, 'dependency')) assert.ok(resources.has(attributes.identifierref));
    for (const { attributes, children } of resources.values()) {
      if (attributes.href) assert.ok(children.some((file) => file.attributes.href === attributes.href), 'a start page is among its files');
    }
    const listed = all(root, 'file').map(({ attributes }) => decodeURI(attributes.href));
    assert.deepEqual(listed.sort(), [...contents.keys()].filter((path) => path !== 'imsmanifest.xml').sort());
  });
}

// ---- what is in it --------------------------------------------------------------------------------------------------

test('of the page there is what the lesson needs: its machine, and no other lesson, copy or schema', () => {
  const contents = packed(['--course', '02-buddy'], '02-buddy.scorm12.zip');
  const found = (pattern) => [...contents.keys()].filter((path) => pattern.test(path)).sort();
  assert.deepEqual(found(/scenarios\//), ['page/scenarios/02-buddy.json', 'page/scenarios/index.json', 'page/scenarios/machines/arm64-6.1-1g.json']);
  assert.deepEqual(found(/\.(br|gz)$|schema|conformance|embed/), []);
  assert.match(contents.get('page/index.html'), /<html lang="en" data-packed>/);
  for (const path of ['mmscope.wasm', 'mmscope.rest-0123.wasm', 'js/lazy/find.js', 'NOTICES.txt', 'fonts/chinese.ttf']) {
    assert.equal(contents.get(`page/${path}`), BUILT[path]);
  }
  assert.equal(contents.get('page/scenarios/02-buddy.json'), readFileSync(join(ROOT, 'scenarios', '02-buddy.json'), 'utf8'));
  const list = JSON.parse(contents.get('page/scenarios/index.json'));
  assert.deepEqual(list.scenarios.map(({ id }) => id), ['02-buddy']);
  const search = JSON.parse(contents.get('page/find/search.en.json'));
  assert.deepEqual(search.lessons.map(([id]) => id), ['02-buddy']);
  assert.ok(search.functions.every(([, places]) => places.length > 0 && places.every(([lesson]) => lesson === 0)));
  const there = (entries) => entries.map(({ lesson }) => lesson).filter((lesson) => lesson && lesson !== '02-buddy');
  assert.deepEqual(there(JSON.parse(contents.get('page/find/glossary.zh.json'))), []);
  assert.deepEqual(there(JSON.parse(contents.get('page/find/headings.json')).flatMap(({ headings }) => headings)), []);
  const build = JSON.parse(contents.get('page/build.json'));
  for (const { path, bytes } of build.files) assert.equal(Buffer.byteLength(contents.get(`page/${path}`)), bytes, path);
});

test('the start page knows its lesson: its version, its questions and its language', () => {
  const source = readFileSync(join(ROOT, 'scenarios', '02-buddy.json'), 'utf8');
  const asked = JSON.parse(source).steps.filter((step) => step.question).map(({ question }) => question.text.zh);
  const contents = packed(['--course', '02-buddy', '--lang', 'zh', '--pass', '60'], '02-buddy.scorm2004.zip');
  const page = contents.get('02-buddy.html');
  const course = JSON.parse(/<script type="application\/json" id="course">([^<]*)<\/script>/.exec(page)[1]);
  assert.deepEqual(course, {
    standard: '2004', lesson: '02-buddy', title: '伙伴系统：拆分与合并', language: 'zh', pass: 60, version: versionOf(source), questions: asked,
  });
  assert.match(page, /<html lang="zh-Hans">/);
  assert.doesNotMatch(page, /@[A-Z]+@/);
  const root = readXml(contents.get('imsmanifest.xml'));
  assert.deepEqual(all(root, 'organization').concat(all(root, 'item')).map((element) => child(element, 'title').text), Array(2).fill('伙伴系统：拆分与合并'));
  assert.equal(one(root, 'imsss:minNormalizedMeasure').text, '0.6');
  const old = packed(['--course', '02-buddy', '--pass', '60'], '02-buddy.scorm12.zip');
  assert.equal(one(readXml(old.get('imsmanifest.xml')), 'adlcp:masteryscore').text, '60');
});

test('the same lessons give the same bytes', () => {
  const [first, again] = [1, 2].map(() => pack(['--course', '02-buddy']));
  assert.deepEqual(first.names, ['02-buddy.scorm12.zip', '02-buddy.scorm2004.zip']);
  for (const name of first.names) assert.ok(readFileSync(join(first.out, name)).equals(readFileSync(join(again.out, name))), name);
  assert.match(first.stdout, /02-buddy\.scorm12\.zip: [\d,]+ kB, \d+ files of [\d,]+ kB\n/);
});

test('a title with marks of XML, hidden characters and all that is a title still', () => {
  const title = '<&> "a" \'b\' ]]> </title> \u200b\u0007 \ud83d\ude00 \ud83d';
  const contents = packed(['--course', '02-buddy', '--title', title], '02-buddy.scorm12.zip');
  const root = readXml(contents.get('imsmanifest.xml'));
  assert.match(child(one(root, 'organization'), 'title').text, /^<&> "a" 'b' \]\]> <\/title> \\u200b\\u0007 \u{1f600} /u);
});

// ---- files of one's own ---------------------------------------------------------------------------------------------

const OWN = {
  format: 'mmscope/1', title: { en: '</script><b>Mine & "yours"</b>', zh: '' }, machine: { profile: { arch: 'x86_64', memory: '64MiB' } },
  steps: [{ op: 'alloc_page', as: 'a', question: { text: '</script><!-- <script>', choices: [] } }],
};
function own(name, text = JSON.stringify(OWN)) {
  writeFileSync(join(work, name), text);
  return name;
}

test("a file of one's own is packed as it is, and nothing in it leaves its place", () => {
  const contents = packed(['--course', own('my-lesson.json'), '02-buddy', '--lang', 'zh'], 'my-lesson-and-1-more.scorm12.zip');
  assert.equal(contents.get('page/scenarios/my-lesson.json'), JSON.stringify(OWN));
  const page = contents.get('my-lesson.html');
  assert.equal(page.match(/<script/g).length, 2);
  assert.equal(JSON.parse(/id="course">([^<]*)</.exec(page)[1]).questions[0], '</script><!-- <script>');
  assert.doesNotMatch(page, /<b>/);
  const items = all(readXml(contents.get('imsmanifest.xml')), 'item').map((item) => child(item, 'title').text);
  assert.deepEqual(items, ['</script><b>Mine & "yours"</b>', '伙伴系统：拆分与合并']);
  const { chapters, scenarios } = JSON.parse(contents.get('page/scenarios/index.json'));
  assert.deepEqual(scenarios.map(({ id, rest }) => [id, rest]), [['02-buddy', undefined], ['my-lesson', true]]);
  assert.deepEqual(scenarios.map(({ chapter }) => chapter), chapters.map(({ id }) => id));
});

test("files of one's own that do not load are told with their place, and nothing is left behind", () => {
  const refused = {
    [own('broken.json', '{"steps": [')]: /broken\.json: .*JSON/,
    [own('empty.json', '{}')]: /empty\.json: it has no steps/,
    [own('number.json', JSON.stringify({ ...OWN, title: { en: 5 } }))]: /number\.json: title is no text/,
    [own('nothing.json', JSON.stringify({ ...OWN, steps: [null] }))]: /nothing\.json: steps\[0\] is no step/,
    [own('list.json', '[]')]: /list\.json: it has no steps/,
    [own('nowhere.json', JSON.stringify({ ...OWN, machine: { name: 'no-such' } }))]: /nowhere\.json: there is no machine no-such/,
    [own('outside.json', JSON.stringify({ ...OWN, machine: { name: '../../build' } }))]: /outside\.json: there is no machine/,
    [own('large.json', ' '.repeat((4 << 20) + 1))]: /large\.json: a scenario has 4 MiB at most/,
  };
  for (const [name, message] of Object.entries(refused)) {
    const { status, stderr, names } = pack(['--course', name]);
    assert.deepEqual([status, names], [3, []], name);
    assert.match(stderr, message);
  }
  const failed = pack(['--course', own('fails.json'), '--checker', '/bin/false']);
  assert.deepEqual([failed.status, failed.names], [3, []]);
  assert.match(failed.stderr, /fails\.json does not hold/);
  assert.equal(pack(['--course', 'fails.json', '--checker', '/bin/true']).status, 0);
});

// ---- what is refused ------------------------------------------------------------------------------------------------

const REFUSED = [
  [['--course', 'no-such-lesson'], /there is no lesson no-such-lesson/],
  [['--course', '02-buddy', 'no-such-lesson'], /there is no lesson no-such-lesson/],
  [['--course', '..'], /there is no lesson \.\./],
  [['--course', '\u202e02'], /there is no lesson \\u202e02/],
  [['--course', '../secret.json'], /there is no file \.\.\/secret\.json/],
  [['--course', '02-buddy', '02-buddy'], /02-buddy is there twice/],
  [['--course'], /which lessons\?/],
  [['--course', '02-buddy', '--scorm', '1.3'], /--scorm 1\.3: it is 1\.2 or 2004/],
  [['--course', '02-buddy', '--lang', 'fr'], /--lang fr: it is en or zh/],
  [['--course', '02-buddy', '--pass', '0'], /--pass 0/],
  [['--course', '02-buddy', '--pass', '101'], /--pass 101/],
  [['--course', '02-buddy', '--title', ' '], /--title: there is nothing in it/],
  [['--course', '02-buddy', '--title', 'x'.repeat(201)], /--title: it has 201 characters; course systems keep 200/],
  [['--course', '02-buddy', '--what'], /--what/],
  [['--course', ...Array.from({ length: 201 }, (_, i) => `l${i}`)], /201 lessons are too many/],
];

for (const [args, message] of REFUSED) {
  test(`refused with one line, and nothing is left behind: ${args.slice(0, 4).join(' ').slice(0, 60)}`, () => {
    const { status, stdout, stderr, names } = pack(args);
    assert.deepEqual([status, stdout, names], [2, '', []]);
    assert.match(stderr, /^dev: /);
    assert.match(stderr, message);
    assert.equal(stderr.trim().split('\n').length, 1, stderr);
  });
}

test('a file that the page would take for pasted text, and one with a name that no lesson may have', () => {
  assert.match(pack(['--course', own('own-2.json')]).stderr, /own-2\.json: the page keeps this name/);
  assert.match(pack(['--course', own('index.json')]).stderr, /index\.json: the page has its list of lessons under this name/);
  assert.match(pack(['--course', own('a b.json')]).stderr, /the name of a lesson has letters/);
  assert.match(pack(['--course', own('02-BUDDY.json'), '02-buddy']).stderr, /02-buddy is there twice: 02-BUDDY\.json, 02-buddy/);
});

test('a page that is not built, and a folder that cannot be written in, are told', () => {
  const missing = pack(['--course', '02-buddy'], { page: join(work, 'nowhere') });
  assert.deepEqual([missing.status, missing.names], [3, []]);
  assert.match(missing.stderr, /nowhere is no built page .*\.\/dev build makes it/);
  const half = join(work, 'half');
  cpSync(PAGE, half, { recursive: true });
  rmSync(join(half, 'mmscope.wasm'));
  const cut = pack(['--course', '02-buddy'], { page: half });
  assert.deepEqual([cut.status, cut.names], [3, []]);
  assert.match(cut.stderr, /half is no built page \(.*mmscope\.wasm/);
  writeFileSync(join(work, 'a-file'), '');
  const file = pack(['--course', '02-buddy', '--out', join(work, 'a-file')]);
  assert.equal(file.status, 4);
  assert.match(file.stderr, /^dev: cannot write in .*a-file: /);
});

test('folders are made as far as they are missing; where none can be made, that is told at once', { skip: !existsSync('/proc/self') }, () => {
  const deep = join(work, 'one', 'two', 'three');
  assert.equal(pack(['--course', '02-buddy', '--scorm', '1.2', '--out', deep]).status, 0);
  assert.deepEqual(readdirSync(deep), ['02-buddy.scorm12.zip']);
  for (const out of ['/proc/mmscope', '/proc/mmscope/courses']) {
    const { status, stderr } = pack(['--course', '02-buddy', '--out', out]);
    assert.equal(status, 4, stderr);
    assert.ok(stderr.startsWith(`dev: cannot write in ${out}: `), stderr);
  }
});

// Root may write everywhere: it becomes somebody else for this.
const asNobody = process.getuid() !== 0 ? [] : ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
const canBeNobody = asNobody.length === 0 || spawnSync(asNobody[0], [...asNobody.slice(1), process.execPath, '-e', `require('fs').readFileSync(${JSON.stringify(join(ROOT, 'package.json'))})`]).status === 0;

test('a folder without the right to write is told, and nothing is left in it', { skip: !canBeNobody }, () => {
  const locked = join(work, 'locked');
  mkdirSync(locked);
  chmodSync(work, 0o755);
  chmodSync(locked, 0o555);
  const { status, stderr } = pack(['--course', '02-buddy', '--out', locked], { wrap: asNobody });
  assert.equal(status, 4, stderr);
  assert.match(stderr, /^dev: cannot write in .*locked: /);
  assert.deepEqual(readdirSync(locked), []);
});
