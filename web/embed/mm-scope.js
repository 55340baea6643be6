// <mm-scope scenario="02-buddy" at="4.17" view="map"></mm-scope>: a frame of mmscope in any page. A plain script; mm-scope.mjs is
// the same as a module. It stands alone: it needs nothing but the page of mmscope, in the folder above its own or at `src`.
//
//   near the screen ──► in line ──► the frame is made ──► mmscope:ready ──► requests, one after the other
//                          └── the next frame of the page begins when the one before has what both need
//
// Attributes, methods and events: docs/embedding.md, mm-scope.d.ts.
'use strict';
(() => {
  if (!globalThis.customElements || customElements.get('mm-scope')) return;

  const VERSION = 1;             // of the messages
  const NEAR = '600px 0px';      // how far from the screen a frame begins to load
  const PATIENCE_MS = 30_000;    // then it is told that nothing came, and the next frame begins
  const ASKED = ['scenario', 'at', 'view'];                   // a change of these is a message
  const LINKED = ['sel', 'lang', 'theme', 'views', 'steps', 'controls', 'readonly', 'follow'];  // of these, another frame
  const SWITCHES = ['readonly', 'follow'];
  const STYLE = ':host{display:block;height:400px}:host([hidden]){display:none}iframe{display:block;width:100%;height:100%;border:0}p{margin:0;padding:12px;font:14px/1.45 system-ui,sans-serif}';
  const TEXTS = {
    en: {
      base: 'mm-scope does not know where the page of mmscope is: its attribute src takes the address of that folder, http or https.',
      silent: 'The page of mmscope at {address} has not answered. It may not be there, or not be allowed in a frame.',
      gone: 'The frame was taken away or loaded again before it had answered.',
    },
    zh: {
      base: 'mm-scope 不知道 mmscope 页面在哪里：请在 src 属性中给出那个文件夹的地址（http 或 https）。',
      silent: '{address} 处的 mmscope 页面没有回应：可能不存在，也可能不允许放进框架。',
      gone: '框架在回答之前被移除或重新加载。',
    },
  };
  const inEach = (key, values = {}) => Object.fromEntries(Object.entries(TEXTS).map(([language, texts]) =>
    [language, texts[key].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole)]));

  const here = document.currentScript?.src ? new URL('..', document.currentScript.src).href : null;
  class MmScope extends HTMLElement {
    static observedAttributes = [...ASKED, ...LINKED, 'src', 'title'];
    /** The folder of the page where no `src` says another. */
    static base = here;
    static #line = [];       // elements whose frames wait
    static #loading = null;  // the one whose frame has not told yet that it is ready

    #frame = null;
    #failed = false;       // there was no address
    #address = '';
    #ready = false;
    #last = null;          // where the frame stands: what it has told last
    #requests = [];        // {message, resolve, reject}: the first one is under way when the frame is ready
    #sent = false;
    #count = 0;
    #changed = new Set();
    #observer = null;
    #timer = 0;
    #listener = (event) => this.#hear(event);
    #inside = this.attachShadow({ mode: 'open' });

    /** A policy of the host's page may forbid elements of style; a sheet that a script makes it does not. */
    #show(element) {
      if ('adoptedStyleSheets' in this.#inside) {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(STYLE);
        this.#inside.adoptedStyleSheets = [sheet];
        this.#inside.replaceChildren(element);
      } else {
        this.#inside.replaceChildren(Object.assign(document.createElement('style'), { textContent: STYLE }), element);
      }
    }

    connectedCallback() {
      window.addEventListener('message', this.#listener);
      this.#show(document.createElement('span'));
      if (!('IntersectionObserver' in window)) {
        this.#join();
        return;
      }
      this.#observer = new IntersectionObserver((entries) => {
        if (entries.some((entry) => entry.isIntersecting)) this.#join();
      }, { rootMargin: NEAR });
      this.#observer.observe(this);
    }

    disconnectedCallback() {
      window.removeEventListener('message', this.#listener);
      this.#observer?.disconnect();
      this.#takeAway();
    }

    /** A place that is set again is gone to again: the frame may be elsewhere. */
    attributeChangedCallback(name, before, after) {
      if (before === after && !ASKED.includes(name)) return;
      if (this.#frame === null) {
        if (this.#failed && name === 'src') this.#join();
        return;
      }
      if (name === 'title') {
        this.#frame.title = this.#name();
        return;
      }
      this.#changed.add(name);
      if (this.#changed.size === 1) queueMicrotask(() => this.#follow());
    }

    /** Opens {scenario} or {text}, and goes to {at}; {view}, {answers} as in docs/embedding.md. */
    load(what) { return this.#ask('mmscope:load', typeof what === 'string' ? { scenario: what } : what); }
    seek(at) { return this.#ask('mmscope:seek', { at }); }
    play(play = true) { return this.#ask('mmscope:play', { play }); }
    state() { return this.#ask('mmscope:state', {}); }

    // ---- the frame ----

    #join() {
      this.#observer?.disconnect();
      if (this.#frame || MmScope.#line.includes(this)) return;
      MmScope.#line.push(this);
      MmScope.#next();
    }

    static #next() {
      if (MmScope.#loading || MmScope.#line.length === 0) return;
      MmScope.#loading = MmScope.#line.shift();
      MmScope.#loading.#begin();
    }

    #leave() {
      MmScope.#line = MmScope.#line.filter((other) => other !== this);
      clearTimeout(this.#timer);
      if (MmScope.#loading !== this) return;
      MmScope.#loading = null;
      MmScope.#next();
    }

    #begin() {
      this.#address = this.#link();
      this.#failed = this.#address === '';
      if (this.#failed) {
        this.#fail('base');
        return;
      }
      this.#frame = document.createElement('iframe');
      this.#frame.title = this.#name();
      this.#frame.allow = 'clipboard-write; fullscreen';
      this.#frame.referrerPolicy = 'no-referrer';
      this.#frame.src = this.#address;
      this.#show(this.#frame);
      this.#timer = setTimeout(() => this.#fail('silent', { address: this.#address.split('#')[0] }), PATIENCE_MS);
    }

    #takeAway() {
      this.#leave();
      this.#frame?.remove();
      this.#frame = null;
      this.#ready = false;
      this.#dropSent();
      if (!this.isConnected) for (const { reject } of this.#requests.splice(0)) reject(this.#error(inEach('gone')));
    }

    /** What was asked of a frame that is no more is not answered. */
    #dropSent() {
      if (this.#sent) this.#requests.shift()?.reject(this.#error(inEach('gone')));
      this.#sent = false;
    }

    #fail(key, values) {
      const message = inEach(key, values);
      if (this.#failed) {
        const told = document.createElement('p');
        told.setAttribute('role', 'alert');
        told.textContent = message[this.#language()];
        this.#show(told);
        for (const { reject } of this.#requests.splice(0)) reject(this.#error(message));
      }
      this.#leave();
      this.#tell('mmscope:error', { message });
    }

    #language() { return /^zh/i.test(this.getAttribute('lang') ?? document.documentElement.lang) ? 'zh' : 'en'; }
    #name() { return this.title || ['mmscope:', this.getAttribute('scenario') ?? '', this.getAttribute('at') ?? ''].join(' ').trim(); }

    /** The address of the page with what the attributes say; '' where it is not known. */
    #link() {
      const src = this.getAttribute('src');
      let page;
      try {
        page = new URL(src ?? MmScope.base, document.baseURI);
        if ((src ?? MmScope.base) === null || !/^(https?|file):$/.test(page.protocol)) return '';
        if (!page.pathname.endsWith('.html')) page = new URL(`${page.pathname.replace(/\/$/, '')}/embed.html`, page);
      } catch (malformed) {
        return '';
      }
      const pieces = [...ASKED, ...LINKED].flatMap((name) => {
        let value = this.getAttribute(name);
        if (value === null) return [];
        if (SWITCHES.includes(name)) value = { '': '1', true: '1', false: '0' }[value] ?? value;
        if (name === 'lang') value = /^(en|zh)\b/i.exec(value)?.[1].toLowerCase() ?? '';
        return value === '' ? [] : [`${name === 'scenario' ? 's' : name}=${encodeURIComponent(value.replace(/\p{Cs}/gu, '\ufffd'))}`];
      });
      page.hash = pieces.join('&');
      return page.href;
    }

    /** Attributes have changed. */
    #follow() {
      const changed = [...this.#changed];
      this.#changed.clear();
      if (!this.#frame || changed.length === 0) return;
      if (!this.#ready || !changed.every((name) => ASKED.includes(name))) {
        this.#takeAway();
        this.#join();
        return;
      }
      const at = this.getAttribute('at') ?? undefined;
      const view = this.getAttribute('view') || undefined;
      const scenario = this.getAttribute('scenario') ?? this.#last.scenario;
      let asked;
      if (changed.includes('scenario')) asked = this.load({ scenario, at, view });
      else if (changed.includes('view')) asked = this.load({ scenario: this.#last.scenario, at: changed.includes('at') ? at : this.#last.at, view });
      else asked = this.seek(at ?? '0');
      asked.catch((failed) => this.#tell('mmscope:error', { message: failed.messages }));
    }

    // ---- messages ----

    #ask(type, detail) {
      this.#follow();
      return new Promise((resolve, reject) => {
        const id = `mm-scope-${++this.#count}`;
        this.#requests.push({ message: { ...detail, type, version: VERSION, id }, resolve, reject });
        this.#send();
      });
    }

    /** One after the other: the frame takes no more than some at once. */
    #send() {
      if (!this.#ready || this.#sent || this.#requests.length === 0) return;
      this.#sent = true;
      const { origin } = new URL(this.#address);
      try {
        this.#frame.contentWindow.postMessage(this.#requests[0].message, origin === 'null' ? '*' : origin);
      } catch (unclonable) {
        this.#sent = false;
        this.#requests.shift().reject(unclonable);
        this.#send();
      }
    }

    #hear({ source, data }) {
      if (!this.#frame || source !== this.#frame.contentWindow || typeof data?.type !== 'string' || !data.type.startsWith('mmscope:')) return;
      const { type, version, id, ...detail } = data;
      if (version !== VERSION) return;
      if (detail.at !== undefined) this.#last = { ...this.#last, ...detail };
      if (type === 'mmscope:ready') {
        this.#dropSent();
        this.#ready = true;
        this.#leave();
      }
      const own = this.#sent && id !== undefined && id === this.#requests[0].message.id;
      if (own) {
        this.#sent = false;
        const { resolve, reject } = this.#requests.shift();
        if (type === 'mmscope:error') reject(this.#error(detail.message));
        else resolve(detail);
      } else {
        this.#tell(type, detail);
      }
      this.#send();
    }

    #error(messages) { return Object.assign(new Error(messages?.[this.#language()] ?? 'mmscope'), { messages }); }
    #tell(type, detail) { this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true })); }
  }

  customElements.define('mm-scope', MmScope);
})();
