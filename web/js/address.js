// "What is this address?": any number in hex, read as a virtual address, a physical one and an entry of a page table. The bits
// of an entry can be set and cleared, and the kernel's pte helpers tried on it.
import { $, h, fill } from './dom.js';
import { readPlace } from './link.js';

const READINGS = ['virtual', 'physical', 'entry'];
const BITS_IN_A_ROW = 16;

export function mountAddress(app) {
  const panel = $('what');
  const input = h('input', { type: 'text', id: 'address-text', class: 'number', autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false', maxlength: 200 });
  const answer = h('div', { id: 'address-answer' });
  let reading = null;  // chosen by the person; else what the number most probably is
  let level = 'pte';
  let bit = null;      // the bit that has the keyboard

  const t = (key, values) => app.t(key, values);

  function drawForm() {
    input.placeholder = t('address.example');
    fill(panel,
      h('h2', { class: 'unseen' }, app.t('panel.what')),
      h('form', { class: 'address-form', onsubmit: (event) => event.preventDefault() },
        h('label', { for: 'address-text' }, t('address.label')),
        h('div', { class: 'row' }, input,
          h('button', { type: 'button', id: 'address-selected', onclick: takeSelected }, t('address.selected')))),
      answer);
  }

  function takeSelected() {
    const { kind, number } = readPlace(app.state.select);
    if (kind === 'address') set(number);
    else if (kind === 'object') set(app.state.pointer);
    else if (kind === 'pfn') set(`0x${(BigInt(number) * BigInt(app.scenario.machine.pageSize)).toString(16)}`);
    else fill(answer, h('p', { class: 'quiet' }, t('address.noneSelected')));
  }

  function set(text) {
    input.value = text;
    reading = null;
    draw();
  }

  // Another value of what is read as an entry: it stays an entry.
  function change(value) {
    input.value = value;
    reading = 'entry';
    draw();
  }

  function draw() {
    const reply = input.value.trim() === '' ? { wrong: 'empty' } : app.engine.whatIs(input.value, level);
    input.setAttribute('aria-invalid', String(Boolean(reply.wrong) && reply.wrong !== 'empty'));
    if (reply.wrong) {
      fill(answer, h('p', reply.wrong === 'empty' ? { class: 'quiet' } : { class: 'error', role: 'alert' }, t(`wrong.${reply.wrong}`)));
      return;
    }
    const logical = reply.logical ? h('section', { class: 'struct' },
      h('h3', {}, t('address.logical')), h('ol', { class: 'walk' }, reply.logical.map((sentence) => h('li', {}, sentence)))) : null;
    if (!reply.guess) {
      fill(answer, logical);
      return;
    }
    const shown = reply[reading] ? reading : reply.guess;
    fill(answer,
      logical,
      h('div', { class: 'file-bar', role: 'group', 'aria-label': t('address.readAs') },
        READINGS.filter((name) => reply[name]).map((name) => h('button', {
          type: 'button', id: `read-${name}`, 'aria-pressed': String(name === shown),
          onclick: () => { reading = name; draw(); $(`read-${name}`).focus(); },
        }, t(`read.${name}`)))),
      h('p', { class: 'path-name' }, reply.value),
      { virtual: drawVirtual, physical: drawPhysical, entry: drawEntry }[shown](reply));
    if (bit !== null) {
      const target = answer.querySelector(`.bit[data-bit="${bit}"]`);
      bit = null;
      target?.focus();
    }
  }

  const ref = (text, place) => (place
    ? h('button', { type: 'button', class: 'ref', title: t('ref.title'), dataset: { place }, onclick: () => app.select(place) }, text)
    : h('span', { class: 'val' }, text));
  const row = (name, ...value) => h('div', { class: 'field ours' }, h('dt', {}, name), h('dd', {}, ...value));
  const section = (title, ...rows) => h('section', { class: 'struct' }, h('h3', {}, title), h('dl', {}, rows.flat()));

  function frameRows({ phys, frame, place, owner, ownerPlace }) {
    return [
      row(t('address.phys'), h('span', { class: 'val' }, phys)),
      row(t('address.frame'), ref(frame, place)),
      row(t('address.owner'), ownerPlace ? ref(owner, ownerPlace) : owner),
    ];
  }

  // ---- a virtual address ----

  function drawVirtual({ virtual }) {
    const { region, half, parts, walks, linear, structPage, place } = virtual;
    return [
      h('p', { class: 'address-show' }, h('button', { type: 'button', id: 'address-show', onclick: () => app.goTo({ select: place, view: 'address' }) }, t('address.show'))),
      region ? section(`${t('address.region')}: ${region.name}`,
        row(region.start, h('code', {}, region.startFormula)),
        row(region.last, h('code', {}, region.endFormula))) : null,
      half ? h('p', {}, t(`half.${half}`)) : h('p', {}, t('address.noTables')),
      parts ? section(t('address.parts'), parts.map((part) =>
        row(`${part.name === 'offset' ? t('address.offset') : part.name} [${bits(part)}]`, h('span', { class: 'val' }, part.value)))) : null,
      ...(walks ?? []).map(drawWalk),
      walks?.length === 0 ? h('p', { class: 'quiet' }, t('address.noSpaces')) : null,
      linear ? section(t('address.linear'), frameRows(linear)) : null,
      structPage ? section(t('address.structPage'), row(t('address.frame'), ref(structPage.frame, structPage.place))) : null,
    ];
  }

  const bits = ({ high, low }) => (high === low ? `${high}` : `${high}:${low}`);

  function drawWalk({ space, place, mapping, steps, found, fault, size }) {
    return h('section', { class: 'struct' },
      h('h3', {}, `${t('address.walk')} `, ref(space, place)),
      mapping ? h('p', {}, mapping) : null,
      h('ol', { class: 'walk' }, steps.map((step) => h('li', {},
        h('code', {}, `${step.level}[${step.index}] `), ref(step.table, step.place), ' ',
        h('button', { type: 'button', class: 'ref', title: t('address.takeApart'), onclick: () => { level = step.level; change(step.entry); } }, step.entry),
        ` ${step.kind}`))),
      found
        ? h('dl', {}, frameRows(found), row(t('address.size'), h('span', { class: 'val' }, `${size / 1024} KiB`)))
        : h('p', { class: 'error' }, fault));
  }

  // ---- a physical address ----

  function drawPhysical({ physical }) {
    return section(t('read.physical'), frameRows(physical),
      physical.virtual ? row(t('address.linearAddress'), ref(physical.virtual, physical.virtualPlace)) : []);
  }

  // ---- an entry of a table ----

  function drawEntry({ entry, value, levels }) {
    const number = BigInt(value);
    const of = (index) => entry.fields.find((field) => index <= field.high && index >= field.low);
    const toggle = (index) => {
      bit = index;
      change(`0x${(number ^ (1n << BigInt(index))).toString(16)}`);
    };
    const rows = [];
    for (let top = entry.bits - 1; top > 0; top -= BITS_IN_A_ROW) {
      const first = top - BITS_IN_A_ROW + 1;
      const indices = Array.from({ length: BITS_IN_A_ROW }, (_, i) => top - i);
      rows.push(h('div', { class: 'bits-row' },
        h('span', { class: 'n' }, top),
        indices.map((index) => {
          const field = of(index);
          const set = number >> BigInt(index) & 1n;
          return h('button', {
            type: 'button', class: 'bit', tabindex: index === entry.bits - 1 ? 0 : -1,
            'aria-pressed': String(set === 1n), 'aria-label': t('address.bit', { n: index, name: field.name }), title: `${index} ${field.name}`,
            dataset: { bit: index, part: entry.fields.indexOf(field) % 2 }, onclick: () => toggle(index),
          }, String(set));
        }),
        h('span', { class: 'n' }, first)));
    }
    return [
      h('div', { class: 'row' },
        h('label', { for: 'address-level' }, t('address.level')),
        h('select', { id: 'address-level', onchange: (event) => { level = event.target.value; reading = 'entry'; draw(); $('address-level').focus(); } },
          levels.map((name) => h('option', { value: name, selected: name === entry.level }, name))),
        h('span', {}, entry.kind), entry.protection ? h('code', {}, entry.protection) : null),
      h('div', { class: 'bits', role: 'group', 'aria-label': t('address.bits'), onkeydown: moveAmongBits }, rows),
      h('p', { class: 'quiet' }, t('address.bitsHint')),
      entry.target ? section(t('address.target'), frameRows(entry.target)) : null,
      h('table', { class: 'fields' }, h('tbody', {}, entry.fields.map((field) => h('tr', {},
        h('td', { class: 'n' }, bits(field)), h('th', { scope: 'row' }, field.name),
        h('td', {}, h('span', { class: 'val' }, field.value), field.meaning ? h('small', {}, field.meaning) : null))))),
      h('h3', { class: 'helpers-title' }, t('address.helpers')),
      h('div', { class: 'row helpers' }, entry.helpers.map((helper) => h('button', {
        type: 'button', disabled: helper.value === value, dataset: { helper: helper.name },
        onclick: () => { change(helper.value); answer.querySelector('.helpers button:not(:disabled)')?.focus(); },
      }, helper.name))),
      h('p', { class: 'questions' }, entry.questions.map(({ name, answer: yes }) => h('span', { class: yes ? 'yes' : 'no' }, `${name} ${t(yes ? 'address.yes' : 'address.no')}`))),
    ];
  }

  // The bits are one stop of Tab; arrows move among them.
  function moveAmongBits(event) {
    const step = { ArrowLeft: 1, ArrowRight: -1, ArrowUp: BITS_IN_A_ROW, ArrowDown: -BITS_IN_A_ROW }[event.key];
    const at = Number(event.target.dataset.bit);
    if (!step || Number.isNaN(at) || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    answer.querySelector(`.bit[data-bit="${at + step}"]`)?.focus();
  }

  input.oninput = () => {
    reading = null;
    draw();
  };

  app.on((what) => {
    if (what.has('language')) drawForm();
    if (!app.ready || !app.shows('what')) return;
    const selected = readPlace(app.state.select);
    if (what.has('select') && selected.kind === 'address' && document.activeElement !== input) {
      input.value = selected.number;
      reading = 'virtual';
    }
    if (['state', 'select', 'language', 'panel', 'scenario'].some((name) => what.has(name))) draw();
  });
}
