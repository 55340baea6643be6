// A question that stands before a step. The engine knows the answer: it makes the step on a copy of the machine.
//
//   the person chooses, writes, or clicks a page ──► engine.answer() ──► right or not, and the events that say why
//
// Who embeds the page hears of it: CustomEvent 'mmscope:answer' on window, and a message to the parent window, both
// with {scenario, step, at, correct}: `step` counts ops, `at` is the number of the written step.
import { fill, h, reveal } from './dom.js';
import { sentence } from './events.js';
import { readPlace } from './link.js';
import { plain } from './plain.js';

const EVENT = 'mmscope:answer';

/** What was answered, as long as the scenario is loaded: op → {value, correct}. */
export class Answers {
  #scenario = null;
  #given = new Map();

  constructor(app) { this.app = app; }

  of(op) {
    if (this.#scenario !== this.app.source) {
      this.#scenario = this.app.source;
      this.#given.clear();
    }
    return this.#given.get(op) ?? null;
  }

  give(op, value, correct, at) {
    this.of(op);
    this.#given.set(op, { value, correct });
    const detail = { scenario: this.app.scenario.id, step: op, at, correct };
    window.dispatchEvent(new CustomEvent(EVENT, { detail }));
    if (window.parent !== window) window.parent.postMessage({ type: EVENT, ...detail }, '*');
  }
}

/** The question of the step that begins with `op`. onAnswer() is called when it was answered. */
export function questionBox(app, answers, op, question, onAnswer) {
  const name = `question-${op}`;
  const points = question.kind === 'page' || question.kind === 'object';
  const result = h('div', { class: 'result', role: 'status', 'aria-live': 'polite' });
  const written = question.kind === 'choices' ? null : h('input', {
    type: 'text', id: name, autocomplete: 'off', spellcheck: 'false', maxlength: 100, 'aria-describedby': `${name}-hint`,
    inputmode: question.kind === 'number' ? 'decimal' : 'text', placeholder: app.t(`question.${question.kind}.example`),
  });
  const body = written
    ? [h('label', { for: name }, app.t(`question.${question.kind}`)), written]
    : question.choices.map((text, i) => h('label', { class: 'choice' },
      h('input', { type: 'radio', name, value: i, id: `${name}-${i}` }), h('span', {}, plain(text))));
  const box = h('form', { class: 'question', dataset: { op }, onsubmit: submit },
    h('fieldset', {},
      h('legend', {}, h('b', {}, app.t('question.mark')), ' ', plain(question.text)),
      body,
      h('div', { class: 'question-go' },
        h('button', { type: 'submit' }, app.t('question.answer')),
        h('span', { class: 'hint', id: `${name}-hint` }, app.t(points ? 'question.hintPoint' : 'question.hint')))),
    result);

  function value() {
    return written ? written.value.trim() : box.querySelector('input:checked')?.value ?? '';
  }

  function submit(event) {
    event.preventDefault();
    const given = value();
    const reply = given === '' ? { unread: true } : app.engine.answer(op, given);
    if (reply.error || reply.unread) {
      box.removeAttribute('data-correct');
      fill(result, h('p', {}, reply.error ? plain(app.local(reply.error.message)) : app.t(`question.unread.${question.kind}`)));
      showResult();
      return;
    }
    answers.give(op, given, reply.correct, reply.at);
    tell(reply);
    onAnswer();
    showResult();
  }

  /** All of it where there is room, and in any case how it begins. */
  function showResult() {
    for (const element of [result, result.firstElementChild]) reveal(box.closest('.panel'), element);
  }

  function tell(reply) {
    box.dataset.correct = String(reply.correct);
    const right = reply.place
      ? h('button', { type: 'button', class: 'ref', onclick: () => look(reply.place) }, plain(reply.right))
      : h('b', {}, plain(reply.right));
    fill(result,
      h('p', { class: 'verdict' }, app.t(reply.correct ? 'question.correct' : 'question.wrong'), ' ',
        reply.correct && !points ? null : [app.t('question.right'), ' ', right]),
      reply.explanation.map((event) => h('p', {}, h('code', {}, event.name), ' ', sentence(app, event.runs))));
  }

  /** Shows where the right answer is, and leaves what was answered. */
  function look(place) {
    const given = written.value;
    app.select(place);
    written.value = given;
  }

  /** Whether there is an answer on this machine: not when the question is about what its allocator does not have. */
  let hasAnswer = null;
  box.hasAnswer = () => hasAnswer ??= !app.engine.answer(op, '').error;

  /** What the person selects in the picture is written into the field, to be answered with. Whether it is an answer. */
  box.point = (place, pointer) => {
    const { kind, number } = readPlace(place);
    if (kind !== (question.kind === 'page' ? 'pfn' : question.kind) || !points || box.hidden) return false;
    written.value = pointer ?? number;
    return true;
  };

  const before = answers.of(op);
  if (before) {
    if (written) written.value = before.value;
    else box.querySelector(`input[value="${Number(before.value)}"]`).checked = true;
    tell(app.engine.answer(op, before.value));
  }
  return box;
}
