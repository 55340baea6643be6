// A page for teachers: result codes are pasted, a line each, and read here. Nothing is sent anywhere.
import { readCode, versionOf } from './result-code.js';

const MAX_LINES = 1000;
const TEXTS = {
  en: {
    title: 'Result codes',
    hint: 'Paste the codes that were handed in, one on each line, with a name before it if you like. They are read here in the browser and sent nowhere. The checksum finds slips of the pen; it does not prove who answered.',
    label: 'Codes',
    columns: ['Name', 'Lesson', 'Right', 'Questions', ''],
    letters: { right: '✓', wrong: '✗', shown: 'shown', open: 'not asked' },
    older: 'another version of the lesson',
    own: 'a scenario of one’s own',
    unknown: 'no lesson of this page',
    count: (n) => `the lesson has ${n} questions`,
    none: 'no code, or a character of it is wrong',
    sum: (read, bad, left) => `${read} read${bad > 0 ? `, ${bad} not` : ''}.${left > 0 ? ` ${left} more lines are left out: paste them apart.` : ''}`,
  },
  zh: {
    title: '成绩码',
    hint: '把交来的成绩码贴在这里，每行一个，前面可以写上姓名。只在浏览器里读取，不会发送到任何地方。校验和能查出抄写错误，但不能证明是谁答的。',
    label: '成绩码',
    columns: ['姓名', '课', '答对', '各题', ''],
    letters: { right: '✓', wrong: '✗', shown: '看了答案', open: '没有问到' },
    older: '这一课的另一个版本',
    own: '自己的场景',
    unknown: '这里没有这一课',
    count: (n) => `这一课有 ${n} 道题`,
    none: '不是成绩码，或有字符写错',
    sum: (read, bad, left) => `读出 ${read} 个${bad > 0 ? `，${bad} 个读不出` : ''}。${left > 0 ? `另有 ${left} 行没有读，请分开粘贴。` : ''}`,
  },
};

const $ = (id) => document.getElementById(id);
const asked = new URLSearchParams(location.search).get('lang');
let language = (asked ?? navigator.language).startsWith('zh') ? 'zh' : 'en';
let lessons = new Map();   // scenario → {title: {en, zh}, questions: how many}
const versions = new Map();  // scenario → promise of its version; null: it is not there

const fetchText = async (path) => {
  const response = await fetch(new URL(`../scenarios/${path}.json`, import.meta.url));
  if (!response.ok) throw new Error(response.status);
  return response.text();
};

// Only of lessons that are known: nothing else is asked for.
function versionNow(scenario) {
  if (!lessons.has(scenario)) return null;
  if (!versions.has(scenario)) versions.set(scenario, fetchText(scenario).then(versionOf).catch(() => null));
  return versions.get(scenario);
}

const cell = (text, name = '') => {
  const td = document.createElement('td');
  td.textContent = text;
  td.className = name;
  return td;
};

// What nobody sees, or what turns a line, is not shown.
const seen = (text) => text.replace(/[\p{Cc}\p{Cf}]/gu, '\ufffd');

// What is wrong with a code that can be read.
async function remarkOf(result) {
  const texts = TEXTS[language];
  const lesson = lessons.get(result.scenario);
  if (!lesson) return lessons.size === 0 || result.scenario === 'own' ? '' : texts.unknown;
  const now = await versionNow(result.scenario);
  if (now !== null && now !== result.version) return texts.older;
  return result.asked === lesson.questions ? '' : texts.count(lesson.questions);
}

// The code is the last word of its line, in a table's commas and quotes, too; the rest is a name.
async function rowOf(line) {
  const texts = TEXTS[language];
  const words = seen(line).split(/[\s,;"']+/).map((word) => word.replace(/[.:]+$/, '')).filter((word) => word !== '');
  const result = readCode(words.at(-1) ?? '');
  const row = document.createElement('tr');
  if (!result) {
    row.append(cell(seen(line.trim()).slice(0, 100)), cell(texts.none, 'bad'), cell(''), cell(''), cell(''));
    return { row, read: false };
  }
  const title = lessons.get(result.scenario)?.title[language] ?? (result.scenario === 'own' ? texts.own : result.scenario);
  const remark = await remarkOf(result);
  const marks = result.answers.map((state, i) => `${i + 1} ${texts.letters[state]}`).join(language === 'zh' ? '，' : ', ');
  row.append(cell(words.slice(0, -1).join(' ')), cell(title), cell(`${result.right} / ${result.asked}`, 'n'), cell(marks),
    cell(remark));
  return { row, read: true };
}

let turn = 0;

async function read() {
  const mine = ++turn;
  const lines = $('codes').value.split('\n').filter((line) => line.trim() !== '');
  const rows = await Promise.all(lines.slice(0, MAX_LINES).map(rowOf));
  if (mine !== turn) return;
  const good = rows.filter(({ read: was }) => was).length;
  $('table').hidden = rows.length === 0;
  $('table').tBodies[0].replaceChildren(...rows.map(({ row }) => row));
  $('sum').textContent = rows.length === 0 ? '' : TEXTS[language].sum(good, rows.length - good, lines.length - rows.length);
}

function write() {
  const texts = TEXTS[language];
  document.documentElement.lang = language === 'zh' ? 'zh-Hans' : 'en';
  document.title = `${texts.title} · mmscope`;
  for (const id of ['title', 'hint', 'label']) $(id).textContent = texts[id];
  for (const id of ['en', 'zh']) $(id).setAttribute('aria-pressed', String(id === language));
  const head = document.createElement('tr');
  head.append(...texts.columns.map((text) => {
    const th = document.createElement('th');
    th.scope = 'col';
    th.textContent = text;
    return th;
  }));
  $('table').tHead.replaceChildren(head);
  read();
}

for (const id of ['en', 'zh']) {
  $(id).onclick = () => {
    language = id;
    write();
  };
}
$('codes').oninput = read;
write();
try {
  const { scenarios } = JSON.parse(await fetchText('index'));
  lessons = new Map(scenarios.map(({ id, title, questions = 0 }) => [id, { title, questions }]));
} catch (failed) {
  lessons = new Map();  // codes are read all the same, lessons stand there by their names
}
read();
