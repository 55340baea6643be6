// Sharing: a link, a QR code, a snippet for another page, a course package, a picture, the file. What is shared is there to be
// read before it is copied.
import { $, h, fill, download, tabs } from '../dom.js';
import { readRange } from '../frame-link.js';
import { formatLink } from '../link.js';
import { isOwn } from '../own.js';
import { plain } from '../plain.js';
import { readAddress } from '../send/elsewhere.js';
import { pictureParts } from './picture.js';
import { drawCode, modulesOf } from './qr.js';
import { SIZES, element, frameHash, iframe, markdown, packCommand } from './snippets.js';

const OFFERED = 8192;      // characters of a link
const FITS_ANYWHERE = 2000;
const TITLE_MAX = 200;
const LETTER = 8.5;        // pixels of a letter in a field, about
const LINES_MAX = 6;       // that are shown of it
const KINDS = ['link', 'qr', 'page', 'course', 'picture', 'file'];
const WITH_LINK = ['link', 'qr', 'page'];

// What of a link can be left out, with the parts that it has in the link.
const KEPT = { step: ['at'], view: ['view', 'look', 'colour', 'layout', 'panel', 'file'], select: ['sel'], language: ['lang'] };

export function mountShare(app, dialogs) {
  const kept = { step: true, view: true, select: true, language: true };
  let kind = 'link';
  let size = SIZES[0];
  let before = true;  // the step at the cursor has a question: whether the link stands before it
  const frame = { view: false, readonly: false, steps: '', theme: '' };  // what the frame is asked for beside the link
  let sent = false;  // whether a link can carry what is open
  const list = h('div', { class: 'tabs share-tabs', role: 'tablist', 'aria-label': app.t('share.kinds') });
  const panel = h('div', { role: 'tabpanel', id: 'share-panel', class: 'share-panel', tabindex: '-1' });
  const told = h('p', { id: 'share-told', class: 'quiet', role: 'status' });
  const name = () => (isOwn(app.scenario.id) ? 'scenario' : app.scenario.id);

  // ---- what a link has ----

  /** The question of the step that is shown. */
  const asked = () => app.questions.all.find(([op, ops]) => op <= app.state.op && app.state.op < op + ops && app.questions.hasAnswer(op));
  const at = () => (before && asked() ? String(asked()[2] - 1) : app.state.at);
  function linkParts() {
    const left = Object.keys(KEPT).filter((choice) => !kept[choice]).flatMap((choice) => KEPT[choice]);
    return Object.fromEntries(Object.entries({ ...app.linkParts(), at: at() }).filter(([part, value]) => value !== '' && !left.includes(part)));
  }
  const page = () => location.href.replace(/[#?].*$/s, '');
  const mainPage = () => page().replace(/embed\.html$/, '');
  const link = () => mainPage() + formatLink(linkParts());
  const title = () => {
    const words = plain(app.scenario.title, TITLE_MAX);
    return kept.step && at() !== '0' ? app.t('share.titleAt', { title: words, at: at() }) : words;
  };

  // ---- parts of the dialog ----

  async function copy(write, field) {
    try {
      await write();
      told.textContent = app.t('copied');
    } catch (refused) {  // no clipboard here
      field?.select();
      told.textContent = app.t(field ? 'copy.selected' : 'share.noClipboard');
    }
  }

  /** A text that is to be copied, whole. */
  function given(id, label, text) {
    const letters = Math.max(20, (panel.clientWidth - 80) / LETTER);
    const rows = Math.min(LINES_MAX, text.split('\n').reduce((sum, line) => sum + Math.ceil(line.length / letters), 0));
    const field = h('textarea', { id, readonly: true, rows, spellcheck: 'false', 'aria-label': label });
    field.value = text;
    return h('div', { class: 'given' }, h('h3', {}, label), field,
      h('button', { type: 'button', id: `${id}-copy`, 'aria-label': `${app.t('copy')}: ${label}`, onclick: () => copy(() => navigator.clipboard.writeText(text), field) }, app.t('copy')));
  }

  function choices() {
    const { chosen, select } = app.state;
    const none = { step: app.state.at === '0', select: !chosen || !select };
    return h('fieldset', { class: 'share-kept' }, h('legend', {}, app.t('share.keeps')),
      Object.keys(KEPT).map((choice) => h('label', {}, h('input', {
        type: 'checkbox', id: `keep-${choice}`, checked: kept[choice] && !none[choice], disabled: none[choice],
        onchange: (event) => { kept[choice] = event.target.checked; draw(); $(`keep-${choice}`).focus(); },
      }), ` ${app.t(`keeps.${choice}`, { at: at() })}`)),
      asked() ? h('label', {}, h('input', {
        type: 'checkbox', id: 'keep-before', checked: before && kept.step, disabled: !kept.step,
        onchange: (event) => { before = event.target.checked; draw(); $('keep-before').focus(); },
      }), ` ${app.t('keeps.before')}`) : null);
  }

  const stepsFit = () => readRange(frame.steps)?.[1] <= app.state.nrSteps;
  const frameParts = () => ({
    ...(frame.view ? { views: app.state.view } : {}), ...(stepsFit() ? { steps: frame.steps } : {}),
    ...(frame.readonly ? { readonly: '1' } : {}), ...(frame.theme ? { theme: frame.theme } : {}),
  });

  /** What goes into the frame's part of the link. */
  function frameChoices() {
    const redraw = (id) => { draw(); $(id).focus(); };
    const tick = (name) => h('label', {}, h('input', {
      type: 'checkbox', id: `frame-${name}-only`, checked: frame[name], onchange: (event) => { frame[name] = event.target.checked; redraw(`frame-${name}-only`); },
    }), ` ${app.t(`frames.${name}`)}`);
    const wrong = frame.steps !== '' && !stepsFit();
    const themes = ['', 'light', 'dark'].map((id) => h('option', { value: id, selected: frame.theme === id }, app.t(`theme.${id || 'auto'}`)));
    return h('fieldset', { class: 'share-kept' }, h('legend', {}, app.t('frames.title')), tick('view'), tick('readonly'),
      h('label', {}, `${app.t('frames.steps')} `, h('input', {
        type: 'text', id: 'frame-steps', size: 7, maxlength: 21, placeholder: '3-7', value: frame.steps,
        'aria-invalid': String(wrong), 'aria-describedby': wrong ? 'frame-steps-wrong' : null,
        onchange: (event) => { frame.steps = event.target.value.replace(/\s/g, '').replace('–', '-'); redraw('frame-steps'); },
      })),
      h('label', {}, `${app.t('frames.theme')} `, h('select', { id: 'frame-theme', onchange: (event) => { frame.theme = event.target.value; redraw('frame-theme'); } }, themes)),
      wrong ? h('p', { class: 'error', id: 'frame-steps-wrong', role: 'alert' }, app.t('frames.wrongSteps', { n: app.state.nrSteps })) : null);
  }

  function meter(text) {
    const long = text.length > FITS_ANYWHERE;
    const bytes = text.length < 1000 ? app.t('share.characters', { n: text.length }) : `${(text.length / 1000).toFixed(1)} kB`;
    return h('p', { class: 'share-size', id: 'share-size' },
      h('meter', { min: 0, max: OFFERED, optimum: 0, high: FITS_ANYWHERE, value: text.length, 'aria-label': app.t('share.size') }),
      ` ${app.t(long ? 'share.long' : 'share.fits', { size: bytes })}`);
  }

  const tooLarge = () => [h('p', { id: 'share-large' }, app.t('share.tooLarge')),
    h('div', { class: 'row' }, h('button', { type: 'button', onclick: () => choose('file') }, app.t('share.toFile')))];

  // ---- the kinds ----

  const draws = {
    link: () => [given('share-link', app.t('share.link'), link()), meter(link()),
      given('share-markdown', 'Markdown', markdown(title(), link()))],

    qr() {
      const modules = modulesOf(link());
      if (modules === null) return [h('p', { id: 'qr-long' }, app.t('share.qrLong'))];
      const code = drawCode(modules, app.t('share.qrLabel', { title: title() }));
      return [h('div', { class: 'qr-box' }, code,
        h('div', {}, modules.length > 90 ? h('p', { class: 'quiet' }, app.t('share.qrFine')) : null,
          h('div', { class: 'row' },
            h('button', { type: 'button', id: 'qr-room', onclick: () => showInRoom(modules) }, app.t('share.qrRoom')),
            h('button', { type: 'button', id: 'qr-save', onclick: () => download(`${name()}-qr.svg`, svgText(code), 'image/svg+xml') }, app.t('share.saveSvg'))))),
      meter(link())];
    },

    page() {
      const { panel: ofPage, file: ofPanel, ...parts } = linkParts();  // the frame has no panels beside it
      return [h('div', { class: 'file-bar', role: 'group', 'aria-label': app.t('share.frameSize') }, SIZES.map((one) => h('button', {
        type: 'button', id: `size-${one.id}`, 'aria-pressed': String(one === size),
        onclick: () => { size = one; draw(); $(`size-${one.id}`).focus(); },
      }, `${one.width} × ${one.height}${one.id === 'phone' ? ` ${app.t('share.phone')}` : ''}`))),
      frameChoices(),
      given('share-iframe', 'iframe', iframe(page(), formatLink(parts) + frameHash(frameParts()), { title: title(), ...size })),
      parts.s ? given('share-element', '<mm-scope>', element(page(), { ...parts, ...frameParts() }, { title: title(), ...size })) : null,
      h('p', { class: 'quiet' }, app.t('share.pageHint'), ' ', h('a', { href: 'examples/index.html', target: '_blank', rel: 'noopener' }, app.t('share.examples')))];
    },

    course: () => [h('p', {}, app.t('share.courseHint')),
      given('share-course', app.t('share.command'), packCommand(isOwn(app.scenario.id) ? 'scenario.json' : app.scenario.id)),
      isOwn(app.scenario.id) ? h('div', { class: 'row' }, saveButton(), h('span', { class: 'quiet' }, app.t('share.courseOwn'))) : null],

    picture: () => pictureParts(app, { name: name(), link: link(), copy, tell: (text) => { told.textContent = text; }, shown: () => app.local(app.hello.views.find(({ id }) => id === app.state.view)) }),

    file: () => [h('p', {}, app.t('share.fileHint')),
      h('div', { class: 'row' }, saveButton(), h('span', { class: 'quiet' }, `${name()}.json, ${(new Blob([app.source]).size / 1000).toFixed(1)} kB`)),
      elsewhere()],
  };

  const saveButton = () => h('button', { type: 'button', id: 'share-save', onclick: () => download(`${name()}.json`, app.source) }, app.t('save'));

  /** A file that stands on a site of the person's own is opened by a short link. */
  function elsewhere() {
    const answer = h('div', {});
    const read = (event) => {
      const url = readAddress(event.target.value.trim());
      const parts = { ...linkParts(), s: undefined, from: undefined, z: undefined, url: url?.href };
      fill(answer, url ? given('share-elsewhere', app.t('share.link'), mainPage() + formatLink(parts)) : h('p', { class: 'quiet' }, app.t('share.httpsOnly')));
    };
    return h('div', { class: 'given' }, h('h3', {}, h('label', { for: 'share-address' }, app.t('share.address'))),
      h('input', { type: 'url', id: 'share-address', maxlength: 2000, placeholder: 'https://…', autocomplete: 'off', spellcheck: 'false', oninput: read }),
      h('p', { class: 'quiet' }, app.t('share.addressHint')), answer);
  }

  /** As large as the window: for a projector. */
  function showInRoom(modules) {
    const close = h('button', { type: 'submit' }, app.t('close'));
    const room = h('dialog', { class: 'qr-room', 'aria-label': title() },
      drawCode(modules, app.t('share.qrLabel', { title: title() })),
      h('form', { method: 'dialog' }, h('p', {}, title()), close));
    room.addEventListener('close', () => room.remove());
    document.body.append(room);
    room.showModal();
  }

  // ---- the whole ----

  function choose(id) {
    kind = id;
    told.textContent = '';
    draw();
  }

  function draw() {
    select(`share-${kind}`);
    panel.setAttribute('aria-labelledby', `tab-share-${kind}`);
    const needsLink = WITH_LINK.includes(kind);
    const fits = sent && link().length <= OFFERED;
    fill(panel, needsLink && sent ? choices() : null, needsLink && !fits ? tooLarge() : draws[kind]());
  }

  const select = tabs(list, KINDS.map((id) => ({ id: `share-${id}`, text: app.t(`sharing.${id}`), controls: 'share-panel' })), (id) => choose(id.slice('share-'.length)));

  return {
    async show() {
      app.flushLink();
      before = !asked() || !['right', 'wrong'].includes(app.questions.stateOf(asked()[0]));
      sent = await app.pack().catch(() => false);
      KINDS.forEach((id) => { list.querySelector(`#tab-share-${id}`).textContent = app.t(`sharing.${id}`); });
      list.setAttribute('aria-label', app.t('share.kinds'));
      told.textContent = '';
      dialogs.show(app.t('share.title', { title: plain(app.scenario.title, TITLE_MAX) }), [list, panel, told]);
      draw();
      list.querySelector('[aria-selected="true"]').focus();
    },
  };
}

const svgText = (svg) => new XMLSerializer().serializeToString(svg);
