// The box of a question that stands before a step. The engine knows the answer: it makes the step on a copy of the machine.
//
//   the person chooses, writes, orders, or clicks in the picture ──► engine.answer() ──► right or not, and the events that say why
import { $, fill, h, reveal } from './dom.js';
import { sentence } from './events.js';
import { readPlace } from './link.js';
import { drawPicture } from './pictures.js';
import { plain } from './plain.js';

const SHOW = '?';  // asks the engine for the answer
const BETWEEN = [' › ', ', ', '、'];  // what the engine writes between the parts of an answer
const MAX_TOLD = 250;  // characters of an answer that whoever embeds the page is told

/** The question of the step that begins with `op`. */
export function questionBox(app, op, question) {
  const { questions } = app;
  const name = `question-${op}`;
  const field = fieldOf(app, name, question);
  const result = h('div', { class: 'result', role: 'status', 'aria-live': 'polite', tabindex: '-1' });
  const body = h('div', { class: 'answers' }, field.elements);
  const fields = h('fieldset', {},
    h('legend', {}, h('b', {}, app.t('question.mark')), ' ', plain(question.text)),
    body,
    h('div', { class: 'question-go' },
      h('button', { type: 'submit' }, app.t('question.answer')),
      h('span', { class: 'hint', id: `${name}-hint` }, field.hint)));
  const saidBefore = h('p', { class: 'before', hidden: true });
  const box = h('form', { class: 'question', dataset: { op, kind: question.kind }, onsubmit: submit }, saidBefore, fields, result);
  box.verdict = result;
  const before = questions.of(op);  // it was answered when the box was not there
  let shown = false;

  function submit(event) {
    event.preventDefault();
    const given = field.value();
    const reply = given === '' ? { unread: true } : app.engine.answer(op, given);
    if (reply.error || reply.unread) {
      box.removeAttribute('data-correct');
      fill(result, h('p', {}, reply.error ? plain(app.local(reply.error.message)) : app.t(`question.unread.${field.unread}`)));
      showResult();
      return;
    }
    tell(reply, reply.correct ? 'correct' : 'wrong');
    questions.give(op, given, reply);
    // The keys step on from here, and a screen reader goes on with the reason.
    result.focus({ preventScroll: true });
    showResult();
  }

  /** All of it where there is room, and in any case how it begins. */
  function showResult() {
    for (const element of [result, result.firstElementChild]) reveal(box.closest('.panel'), element);
  }

  /** verdict: 'correct', 'wrong' or 'shown'. */
  function tell(reply, verdict) {
    box.dataset.correct = verdict === 'shown' ? 'shown' : String(verdict === 'correct');
    const bare = reply.correct && !field.points && !question.within;
    fill(result,
      h('p', { class: 'verdict' }, app.t(`question.${verdict}`), ' ', bare ? null : [app.t('question.right'), ' ', answerOf(reply)]),
      reply.explanation.map((event) => h('p', {}, h('code', {}, event.name), ' ', sentence(app, event.runs))));
    markRight(placesIn(reply.right, field.texts?.() ?? []).split(','));
  }

  /** What was right stands out among what could be chosen. */
  function markRight(places) {
    for (const choice of box.querySelectorAll('.choice')) choice.classList.toggle('right', places.includes(choice.querySelector('input').value));
  }

  function answerOf(reply) {
    const link = (text, place) => h('button', { type: 'button', class: 'ref', onclick: () => look(place) }, plain(text));
    if (reply.places) return reply.places.flatMap(([text, place], i) => [i > 0 ? app.t('question.between') : null, link(text, place)]);
    return reply.place ? link(reply.right, reply.place) : h('b', {}, plain(reply.right));
  }

  /** Tells what was answered before. Of answers that were put back it is known only how they count. */
  function tellAgain({ value, correct, state }) {
    const verdict = state === 'shown' ? 'shown' : correct ? 'correct' : 'wrong';
    const reply = value === '' ? { unread: true } : app.engine.answer(op, value);
    const read = !reply.unread && !reply.error;
    if (read) field.set(value);
    tell(read ? reply : app.engine.answer(op, SHOW), verdict);
  }

  /** Shows where the right answer is, and leaves what was answered. */
  function look(place) {
    const given = field.value();
    app.select(place);
    field.set(given);
  }

  /** All answers were forgotten: it is asked as if for the first time. */
  function again() {
    shown = false;
    fields.disabled = false;
    box.classList.remove('shown');
    box.removeAttribute('data-correct');
    fill(result);
    markRight([]);
    field.clear();
  }

  /** A choice that was marked, and not yet given as the answer; '' when none was. */
  box.marked = () => (box.querySelector('input[type=radio]:checked') ? field.value() : '');

  /** An answer for who was not there: {kind, choices, value, response, solution, right}; see docs/embedding.md. */
  box.inWords = (value, { correct, right }) => {
    const texts = field.texts?.() ?? [];
    const response = texts.length > 0 ? value.split(',').map((i) => texts[i]).join('; ') : value;
    return {
      kind: question.kind, choices: texts.length, value, response: plain(response, MAX_TOLD),
      solution: texts.length === 0 ? '' : correct ? value : placesIn(right, texts), right: plain(right, MAX_TOLD),
    };
  };
  questions.watch(op, box);

  /** What was said of the question before, for where there is no room for both; '' for nothing. */
  box.follows = (said) => {
    saidBefore.hidden = said === '';
    saidBefore.textContent = said;
  };

  /** Whether it can be asked on this machine. */
  box.hasAnswer = () => questions.hasAnswer(op);

  /** What only the machine knows to choose from is asked for when the box is seen; who steps on is shown the answer. */
  box.refresh = () => {
    if (box.hidden) return;
    if (box.dataset.correct && !questions.of(op)) again();
    field.offer?.(() => app.engine.answer(op, '').items ?? []);
    const given = questions.of(op);
    if (shown || !given || (given.state !== 'shown' && box.dataset.correct)) return;
    shown = true;
    fields.disabled = given !== before || given.value === '';
    if (given.state === 'shown') box.classList.add('shown');
    tellAgain(given);
  };

  /** What the person selects in the picture is written into the field, to be answered with. Whether it is an answer. */
  box.point = (place, pointer) => {
    const { kind, number } = readPlace(place);
    if (!field.points || kind !== field.points || box.hidden || fields.disabled) return false;
    field.point(pointer ?? number);
    return true;
  };

  return box;
}

/** Says to who does not see it that a question has come. */
export function mountAsked(app) {
  const said = h('p', { class: 'heard', role: 'status' });
  $('ops').after(said);
  let last = '';
  app.on((what) => {
    if (!app.ready || !['state', 'scenario', 'answers', 'language'].some((name) => what.has(name))) return;
    const { open } = app.questions;
    const key = open ? `${app.scenario.id} ${open.op} ${app.language}` : '';
    if (key === last) return;
    last = key;
    said.textContent = open ? `${app.t('question.mark')} ${plain(app.engine.ops(open.op, 1).ops[0].question.text)}` : '';
  });
}

// ---- what is answered with ------------------------------------------------------------------------------------------
//
// {elements, hint, unread: which text says that nothing was given, value(), set(value), points?: the kind of place that is
// pointed at, point(text)?, clear(), offer(ask)?: takes what the machine offers, once, texts()?: what there is to choose from}

function fieldOf(app, name, question) {
  const { kind } = question;
  if (kind === 'choices' || kind === 'picture') return chosen(app, name, question);
  if (kind === 'branch') return offered(app, name, 'radio');
  if (kind === 'order') return ordered(app);
  if (kind === 'several' && !question.points) return offered(app, name, 'checkbox');
  return written(app, name, question);
}

const choice = (name, type, i, ...children) => h('label', { class: 'choice' },
  h('input', { type, name, value: i, id: `${name}-${i}` }), ...children);

/** Boxes with a mark each; the answer is the numbers of those that are marked. */
function marked(root) {
  return {
    value: () => [...root.querySelectorAll('input:checked')].map((input) => input.value).join(','),
    set: (value) => {
      const on = value.split(',');
      for (const input of root.querySelectorAll('input')) input.checked = on.includes(input.value);
    },
    clear() { this.set(''); },
  };
}

function chosen(app, name, { kind, choices }) {
  const labels = kind === 'picture'
    ? choices.map((picture, i) => choice(name, 'radio', i, drawPicture(picture), h('span', { class: 'quiet' }, plain(picture.text))))
    : choices.map((text, i) => choice(name, 'radio', i, h('span', {}, plain(text))));
  const root = h('div', { class: kind === 'picture' ? 'pictures' : '' }, labels);
  const texts = () => choices.map((one) => one.text ?? one);
  return { elements: root, hint: app.t('question.hint'), unread: 'choices', texts, ...marked(root) };
}

function offered(app, name, type) {
  const root = h('div', { class: type === 'checkbox' ? 'several' : '' });
  let items = null;
  return {
    elements: root,
    hint: app.t(type === 'checkbox' ? 'question.hintSeveral' : 'question.hintBranch'),
    unread: type === 'checkbox' ? 'several' : 'choices',
    ...marked(root),
    texts: () => items ?? [],
    offer(ask) {
      if (items) return;
      items = ask();
      fill(root, items.map((text, i) => choice(name, type, i, h('span', {}, plain(text)))));
    },
  };
}

/** A list whose rows go up and down. */
function ordered(app) {
  const list = h('ol', { class: 'order' });
  const said = h('p', { class: 'heard', role: 'status' });
  let items = [];
  let at = [];  // what stands at each place

  function draw() {
    fill(list, at.map((item, place) => h('li', {},
      h('span', { class: 'n', 'aria-hidden': 'true' }, `${place + 1}.`),
      h('span', { class: 'what' }, plain(items[item])),
      h('button', { type: 'button', class: 'up', disabled: place === 0, 'aria-label': app.t('question.up', { text: plain(items[item]) }), onclick: () => move(place, -1) }, '↑'),
      h('button', { type: 'button', class: 'down', disabled: place === at.length - 1, 'aria-label': app.t('question.down', { text: plain(items[item]) }), onclick: () => move(place, 1) }, '↓'))));
  }

  function move(place, by) {
    const to = place + by;
    [at[place], at[to]] = [at[to], at[place]];
    draw();
    said.textContent = app.t('question.moved', { text: plain(items[at[to]]), n: to + 1, of: at.length });
    const row = list.children[to];
    const [same, other] = by < 0 ? ['.up', '.down'] : ['.down', '.up'];
    (row.querySelector(`${same}:enabled`) ?? row.querySelector(other)).focus();
  }

  return {
    elements: [list, said],
    hint: app.t('question.hintOrder'),
    unread: 'order',
    texts: () => items,
    value: () => at.join(','),
    set(value) {
      at = value.split(',').map(Number);
      draw();
    },
    clear() {
      at = items.map((_, i) => i);
      draw();
    },
    offer(ask) {
      if (items.length > 0) return;
      items = ask();
      this.clear();
    },
  };
}

function written(app, name, { kind, points: several, within }) {
  const input = h('input', {
    type: 'text', id: name, autocomplete: 'off', spellcheck: 'false', maxlength: several ? 400 : 100, 'aria-describedby': `${name}-hint`,
    inputmode: kind === 'number' ? 'decimal' : 'text', placeholder: app.t(`question.${kind}.example`),
  });
  const points = { page: 'pfn', object: 'object', several: 'pfn' }[kind] ?? null;
  const hint = within ? app.t('question.within', { n: within }) : app.t(several ? 'question.hintPoints' : points ? 'question.hintPoint' : 'question.hint');
  return {
    elements: [h('label', { for: name }, app.t(`question.${kind}`)), input],
    hint,
    points,
    unread: several ? 'points' : kind,
    value: () => (several ? partsOf(input.value).join(',') : input.value.trim()),
    set: (value) => { input.value = value; },
    clear() { input.value = ''; },
    point(text) { input.value = several ? toggled(input.value, text) : text; },
  };
}

/** Which of the texts the right answer names, "2,0,1"; '' when that cannot be told from its words. */
function placesIn(right, texts) {
  for (const parts of [[right], ...BETWEEN.map((mark) => right.split(mark))]) {
    const places = parts.map((part) => texts.indexOf(part));
    if (!places.includes(-1)) return places.join(',');
  }
  return '';
}

const partsOf = (list) => list.split(/[,，、\s]+/).filter(Boolean);

/** A list with one more, or without the one that was in it. */
function toggled(list, text) {
  const parts = partsOf(list);
  return (parts.includes(text) ? parts.filter((part) => part !== text) : [...parts, text]).join(', ');
}
