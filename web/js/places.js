// Above the picture: the places and the views that each offers, the way from the machine down to what is selected, back
// and forward, and whether the picture follows the steps.
//
//   Machine  Slabs  Addresses │ Map  Free lists  Zones …                      follow
//   ‹ ›  machine › node 0 › zone DMA › pfn 0x48050                   colour  order
import { $, h, fill, tabs } from './dom.js';
import { Trail } from './trail.js';

export function mountPlaces(app) {
  const trail = new Trail();
  const lastView = new Map();  // of each place: its view that was open last
  let selectTab = () => {};
  let offered = '';            // the place whose views stand there, and the language
  let drawnFor = null;         // what the crumbs were asked for
  let byItself = false;        // the view changes and nobody has chosen it

  const rowOf = (view) => app.hello.views.find(({ id }) => id === view);
  const here = () => ({ view: app.state.view, select: app.state.select, look: app.state.look });

  /** By hand: to a view, a selection, or both. The picture stays there until it is to follow again. */
  app.goTo = (wishes) => {
    if (!app.ready) return;
    if (wishes.view && wishes.view !== app.state.view) app.follow = false;
    app.choose(wishes);
  };

  // ---- places and views ----

  function offer() {
    const { views, places } = app.hello;
    const { place } = rowOf(app.state.view);
    lastView.set(place, app.state.view);
    const key = `${place} ${app.language}`;
    if (key !== offered) {
      offered = key;
      selectTab = tabs($('view-tabs'),
        views.filter((v) => v.place === place).map((v) => ({ id: v.id, text: app.local(v), controls: 'view-panel' })),
        (id) => app.goTo({ view: id }));
      const shown = places.filter(({ id }) => views.some((v) => v.place === id));
      drawPlaces(shown, place);
    }
    selectTab(app.state.view);
    $('view').value = app.state.view;
    $('view-panel').setAttribute('aria-labelledby', `tab-${app.state.view}`);
  }

  // Buttons where there is room, else a list; in the narrowest one list of all views, place by place. Drawn once a language,
  // so that the focus stays.
  function drawPlaces(shown, place) {
    const box = $('places');
    if (box.dataset.language !== app.language) {
      box.dataset.language = app.language;
      fill(box, shown.map((p) => h('button', { type: 'button', id: `place-${p.id}`, dataset: { place: p.id }, onclick: () => openPlace(p.id) }, app.local(p))));
      fill($('place'), shown.map((p) => h('option', { value: p.id }, app.local(p))));
      fill($('view'), shown.map((p) => h('optgroup', { label: app.local(p) },
        app.hello.views.filter((v) => v.place === p.id).map((v) => h('option', { value: v.id }, app.local(v))))));
    }
    for (const button of box.children) {
      if (button.dataset.place === place) button.setAttribute('aria-current', 'true');
      else button.removeAttribute('aria-current');
    }
    $('place').value = place;
  }

  function openPlace(id) {
    const first = app.hello.views.find((v) => v.place === id);
    app.goTo({ view: lastView.get(id) ?? first.id });
  }
  $('place').onchange = (event) => openPlace(event.target.value);
  $('view').onchange = (event) => app.goTo({ view: event.target.value });

  // ---- crumbs ----

  function drawCrumbs() {
    const { select, view, step, event } = app.state;
    const key = [select, view, step, event, app.language, app.engine.whole].join(' ');
    if (key === drawnFor) return;
    drawnFor = key;
    // Before the whole engine is there nothing more is asked than the first picture needs.
    const crumbs = app.engine.whole ? app.engine.crumbs().crumbs : [{ text: '', place: '', view: 'map' }];
    const list = $('crumbs');
    const focused = [...list.children].findIndex((item) => item.contains(document.activeElement));
    fill(list, crumbs.map((crumb, i) => h('li', {}, h('button', {
      type: 'button', dataset: { place: crumb.place, view: crumb.view }, onclick: () => goToCrumb(crumb),
      'aria-current': i === crumbs.length - 1 ? 'location' : null,
    }, crumb.text || app.t('crumbs.machine')))));
    if (focused >= 0) list.children[Math.min(focused, crumbs.length - 1)].firstElementChild.focus({ preventScroll: true });
    list.scrollLeft = list.scrollWidth;
  }

  function goToCrumb({ place, view, look }) {
    app.goTo({ view, select: place, ...(look ? { look } : {}) });
    if (place) app.showPanelIfWide('inspect');
  }

  // ---- back and forward ----

  /** -1: back, 1: forward. Whether there was somewhere to go. */
  app.travel = (by) => {
    const entry = app.ready ? trail.go(by) : null;
    if (!entry) return false;
    const { view, select } = app.state;
    byItself = true;  // the entry is here already
    app.goTo({ view: entry.view, ...(entry.select !== select ? { select: entry.select } : {}),
      ...(entry.look && (entry.view !== view || entry.select !== select) ? { look: entry.look } : {}) });
    byItself = false;
    markTrail();
    return true;
  };

  function markTrail() {
    $('trail-back').setAttribute('aria-disabled', String(!trail.canBack));
    $('trail-forward').setAttribute('aria-disabled', String(!trail.canForward));
  }
  $('trail-back').onclick = () => app.travel(-1);
  $('trail-forward').onclick = () => app.travel(1);

  function keepTrail(what) {
    if (what.has('opened')) trail.begin(here());
    else if (byItself || what.has('state') || !(what.has('view') || what.has('select'))) trail.amend(here());
    else trail.visit(here());
    markTrail();
  }

  // ---- follow ----

  $('follow').onclick = () => {
    app.follow = !app.follow;
    if (!followStep()) app.tell('view');
  };

  // The view in which the step is best seen. Whether the picture went there.
  function followStep() {
    const { best, view } = app.state;
    if (!app.ready || !app.follow || !best || best === view || !app.allows(best)) return false;
    byItself = true;
    app.choose({ view: best });
    byItself = false;
    return true;
  }

  app.on((what) => {
    if (!app.hello || !app.ready) return;
    if (what.has('opened')) app.follow = app.follows ?? true;
    if (what.has('state') && !what.has('opened')) followStep();
    const about = ['language', 'view', 'scenario', 'select', 'state', 'look', 'whole'];
    if (!about.some((name) => what.has(name))) return;
    keepTrail(what);
    offer();
    drawCrumbs();
    $('follow').setAttribute('aria-pressed', String(app.follow));
  });
}
