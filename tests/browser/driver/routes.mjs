// Answering a page's requests in the place of the server: page.route('**/index.json', (route) => route.fulfill({ ... })).

// '**' is anything, '*' anything but a slash; or a regular expression.
export function matches(pattern, url) {
  if (pattern instanceof RegExp) return pattern.test(url);
  const text = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*\*|\*/g, (stars) => (stars === '**' ? '.*' : '[^/]*'));
  return new RegExp(`^${text}$`).test(url);
}

class Route {
  #request;

  constructor(request) { this.#request = request; }

  request() { return this.#request; }
  continue() { return this.#request.continue(); }
  abort() { return this.#request.abort('failed'); }

  fulfill({ status = 200, body = '', contentType, headers = {} }) {
    return this.#request.respond({ status, body, contentType, headers });
  }
}

export class Routes {
  #page;
  #rows = [];

  constructor(page) { this.#page = page; }

  async add(pattern, answer) {
    this.#rows.unshift({ pattern, answer });
    if (this.#rows.length > 1) return;
    this.#page.on('request', this.#take);
    await this.#page.setRequestInterception(true);
  }

  async remove(pattern) {
    this.#rows = this.#rows.filter((row) => String(row.pattern) !== String(pattern));
    if (this.#rows.length > 0) return;
    await this.#page.setRequestInterception(false);
    this.#page.off('request', this.#take);
  }

  // A request that was under way before it could be held back is answered by the server. A page that was closed meanwhile
  // has no use for an answer.
  #take = async (request) => {
    if (request.interceptResolutionState().action === 'disabled') return;
    const row = this.#rows.find(({ pattern }) => matches(pattern, request.url()));
    const route = new Route(request);
    try {
      await (row ? row.answer(route) : route.continue());
    } catch (error) {
      if (!this.#page.isClosed()) throw error;
    }
  };
}
