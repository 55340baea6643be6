// As much of a browser as the page's program asks for before it is used: a canvas of a given size, a WebGL that does
// nothing, frames that are drawn when the caller says so. It lets node run the program to see which functions the first
// picture calls; what is drawn, nobody sees.

const GL_TEXTS = { 0x1f00: 'none', 0x1f01: 'none', 0x1f02: 'WebGL 2.0', 0x8b8c: 'WebGL GLSL ES 3.00' };
const GL_NUMBER = 16384;  // for every limit that is asked for

const GL_ANSWERS = {
  getParameter: (name) => GL_TEXTS[name] ?? GL_NUMBER,
  getSupportedExtensions: () => [],
  getExtension: () => null,
  getContextAttributes: () => ({}),
  getShaderParameter: () => true,
  getProgramParameter: (_, name) => (name === 0x8b82 ? true : 0),  // linked; nothing to list
  getShaderInfoLog: () => '',
  getProgramInfoLog: () => '',
  getAttribLocation: () => 0,
  getUniformLocation: () => ({}),
  isContextLost: () => false,
};

function webgl() {
  return new Proxy(GL_ANSWERS, {
    get: (answers, name) => answers[name] ?? (String(name).startsWith('create') ? () => ({}) : () => undefined),
  });
}

function element() {
  return {
    style: {}, dataset: {}, width: 0, height: 0,
    addEventListener() {}, removeEventListener() {}, setAttribute() {}, focus() {},
  };
}

/** Puts the stand-in in place of the browser for all of this process. Returns what the caller changes between runs. */
export function standIn() {
  const browser = { box: { width: 0, height: 0 }, density: 1, webgl2: true };
  browser.canvas = {
    ...element(),
    getBoundingClientRect: () => ({ left: 0, top: 0, ...browser.box }),
    getContext: (kind) => (kind === 'webgl2' && browser.webgl2 ? webgl() : null),
  };
  const page = {
    ...element(),
    documentElement: element(), body: element(), head: element(), hasFocus: () => true,
    getElementById: () => browser.canvas, querySelector: () => browser.canvas, createElement: element,
  };
  const globals = {
    window: globalThis, document: page, screen: { width: 1280, height: 800 }, innerWidth: 1280, innerHeight: 800,
    addEventListener() {}, WebGLRenderingContext: class {}, ResizeObserver: class { observe() {} },
  };
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  Object.defineProperty(globalThis, 'devicePixelRatio', { get: () => browser.density, configurable: true });
  return browser;
}
