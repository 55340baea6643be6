/** A sentence in both languages of mmscope. */
export interface Told { en: string; zh: string }

/** Where the frame stands. at: "4", "4.17" or "4.17.3", as people count steps, ops and events. */
export interface Place { scenario: string; at: string; steps: number; view: string }

export interface State extends Place {
  language: 'en' | 'zh';
  playing: boolean;
  /** What is selected, as in `sel` of a link; '' for nothing. */
  select: string;
  /** A letter for each question: r right, w wrong, s shown, o open. Not there where nothing is asked. */
  answers?: string;
}

export interface Answer { scenario: string; step: number; at: string; correct: boolean }

export interface Result {
  scenario: string;
  /** CRC-32 of the scenario's text. */
  textVersion: string;
  answers: ('right' | 'wrong' | 'shown' | 'open')[];
  right: number;
  asked: number;
  code: string;
}

export interface Load {
  /** The name of a lesson; or `text`, a scenario. */
  scenario?: string;
  text?: string;
  at?: string | number;
  view?: string;
  /** Answers of an earlier visit, as State has them. */
  answers?: string;
}

export interface MmScopeEvents {
  'mmscope:ready': CustomEvent<Place & { language: 'en' | 'zh' }>;
  'mmscope:step': CustomEvent<Place>;
  'mmscope:select': CustomEvent<{ place: string }>;
  'mmscope:answer': CustomEvent<Answer>;
  'mmscope:result': CustomEvent<Result>;
  'mmscope:error': CustomEvent<{ message: Told }>;
}

/** What a promise is rejected with. `message` is in the language of the element, `messages` in both. */
export interface MmScopeError extends Error { messages?: Told }

/**
 * <mm-scope scenario="02-buddy" at="4.17" view="map"></mm-scope>. Attributes: scenario, at, view; sel, lang, theme, views, steps,
 * controls, readonly, follow; src, the folder of the page; title.
 */
export declare class MmScope extends HTMLElement {
  /** The folder of the page where no `src` says another. */
  static base: string | null;
  load(what: string | Load): Promise<State>;
  seek(at: string | number): Promise<State>;
  play(play?: boolean): Promise<State>;
  state(): Promise<State>;
  addEventListener<K extends keyof MmScopeEvents>(type: K, listener: (this: MmScope, event: MmScopeEvents[K]) => unknown, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
}

export default MmScope;

declare global {
  interface HTMLElementTagNameMap { 'mm-scope': MmScope }
}
