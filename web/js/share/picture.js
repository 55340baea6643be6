// The picture that is open, as a file: points (PNG), and as the pen drew it (SVG) where the engine can say that.
import { $, h, download } from '../dom.js';

/** The canvas as it is now, copied: what WebGL has drawn is gone after the frame. Null where nothing can be drawn. */
function snapshot(app) {
  const canvas = $('canvas');
  if (!app.engine.whole || canvas.width === 0 || canvas.height === 0) return null;
  app.engine.drawPicture();
  const copy = h('canvas', { width: canvas.width, height: canvas.height, class: 'share-picture', role: 'img', 'aria-label': app.t('stage.canvas') });
  copy.getContext('2d').drawImage(canvas, 0, 0);
  return copy;
}

const asPng = (canvas) => new Promise((done, failed) => {
  canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error('PNG'))), 'image/png');
});

/** link: to what is shown, copy(write): tells whether it was copied, tell(text): anything else, shown(): the name of the view. */
export function pictureParts(app, { name, link, copy, tell, shown }) {
  const picture = document.createElement('canvas').getContext('webgl2') === null ? null : snapshot(app);
  if (picture === null) return [h('p', {}, app.t('share.noPicture'))];
  const file = `${name}-${app.state.at}-${app.state.view}`;
  const button = (id, text, onclick) => h('button', { type: 'button', id, onclick }, text);
  const png = [button('png-save', app.t('share.savePng'), async () => download(`${file}.png`, await asPng(picture), 'image/png'))];
  if (globalThis.ClipboardItem) {
    png.push(button('png-copy', app.t('share.copyPng'), () => copy(() => navigator.clipboard.write([new ClipboardItem({ 'image/png': asPng(picture) })]))));
  }
  // A view may not be written so, or be too much: the engine says why.
  const withSvg = (use) => () => {
    let text;
    try {
      text = app.engine.exportSvg(link);
    } catch (failed) {
      if (app.engine.dead === null) tell(app.local(failed.told ?? failed.message));
      return;
    }
    use(text);
  };
  const svg = app.engine.exportSvg ? [
    button('svg-save', app.t('share.saveSvg'), withSvg((text) => download(`${file}.svg`, text, 'image/svg+xml'))),
    button('svg-copy', app.t('share.copySvg'), withSvg((text) => copy(() => navigator.clipboard.writeText(text)))),
  ] : [];
  return [picture, h('p', { class: 'quiet' }, app.t('share.pictureHint', { view: shown(), width: picture.width, height: picture.height })),
    h('div', { class: 'row' }, png, svg)];
}
