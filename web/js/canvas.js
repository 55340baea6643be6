// The stage: which view the canvas draws, what colour means in the map, the canvas's own words, and what is said while the
// browser has taken its WebGL context away. The engine draws again by itself when it is given back (shell/main.cpp).
import { $, h, fill, tabs } from './dom.js';

export function mountCanvas(app) {
  let selectTab = () => {};

  function drawChoices() {
    const { views, colours, layouts } = app.hello;
    const title = (choice) => choice[app.language];
    const begins = (v, i) => i > 0 && views[i - 1].group !== v.group;  // another group of views
    const tab = (v, i) => ({ id: v.id, text: title(v), controls: 'view-panel', group: begins(v, i) ? app.t(`group.${v.group}`) : '' });
    selectTab = tabs($('view-tabs'), views.map(tab),
      (id) => app.choose({ view: id }));
    fill($('colour'), colours.map((c) => h('option', { value: c.id }, title(c))));
    fill($('layout'), layouts.map((l) => h('option', { value: l.id }, title(l))));
  }

  function mark() {
    const { view, colour, layout } = app.state;
    selectTab(view);
    $('view-panel').setAttribute('aria-labelledby', `tab-${view}`);
    $('map-choices').hidden = view !== 'map';
    $('colour').value = colour;
    $('layout').value = layout;
  }

  const lost = (gone) => () => { $('lost').hidden = !gone; };
  $('canvas').addEventListener('webglcontextlost', lost(true));
  $('canvas').addEventListener('webglcontextrestored', lost(false));
  $('lost-reload').onclick = () => location.reload();

  $('colour').onchange = (event) => app.choose({ colour: event.target.value });
  $('layout').onchange = (event) => app.choose({ layout: event.target.value });

  app.on((what) => {
    if (!app.hello) return;
    if (what.has('language')) drawChoices();
    if (app.ready && (what.has('language') || what.has('view') || what.has('scenario'))) mark();
  });
}
