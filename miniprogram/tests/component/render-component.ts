/** Shows a component as it ships, and finds and touches its parts as a person does: by their words, with a finger. */

import path from 'node:path';
import { setLanguage } from '../../src/i18n/index';

const SRC = path.resolve(__dirname, '../../src');

/** A node of the simulator: a component, or an element of its template. */
interface Simulated {
  dom: SimulatedElement;
  data: Record<string, unknown>;
  querySelectorAll(selector: string): Simulated[];
  dispatchEvent(name: string): void;
}

interface Root extends Simulated {
  attach(parent: Node): void;
  detach(): void;
  setData(properties: object): void;
  addEventListener(name: string, hear: (event: { detail?: unknown }) => void): void;
}

interface Simulator {
  load(file: string, tag: string, options: { compiler: 'official'; rootPath: string }): string;
  render(id: string, properties: object): Root;
}

// Imported, it would bring types of WeChat along that are older than ours and stand in their way.
const simulate = jest.requireActual<Simulator>('miniprogram-simulate');

/** Where every element is said to lie, for jsdom lays nothing out. */
export const FRAME = { left: 20, width: 400 };

/** As long as a finger rests until it counts as a long press; j-component waits 350 ms. */
const LONG_MS = 400;

export const vibrateShort = jest.fn();

const storage = new Map<string, unknown>();

Object.assign(wx, {
  getAppBaseInfo: () => ({ language: 'zh_CN' }),
  getWindowInfo: () => ({ windowHeight: 800 }),
  getStorageSync: (key: string) => storage.get(key) ?? '',
  setStorageSync: (key: string, value: unknown) => void storage.set(key, value),
  vibrateShort,
});

/** jsdom's own carries no fingers. */
class FingerEvent extends Event {
  readonly touches: object[];
  readonly changedTouches: object[];

  constructor(name: string, at: Point) {
    super(name, { bubbles: true, cancelable: true });
    const finger = { identifier: 1, clientX: at.x, clientY: at.y, pageX: at.x, pageY: at.y };
    const isUp = name === 'touchend' || name === 'touchcancel';
    this.touches = isUp ? [] : [finger];
    this.changedTouches = [finger];
  }
}

Element.prototype.getBoundingClientRect = () => ({ ...FRAME, top: 0, right: FRAME.left + FRAME.width, bottom: 0, height: 0 }) as DOMRect;

export interface Point {
  x: number;
  y: number;
}

/** What WXML says of an element. The simulator puts only some of it on the page, and keeps the rest with its own node. */
interface SimulatedElement extends HTMLElement {
  __wxElement?: { _vt?: { attrs?: { name: string; value: unknown }[] } };
}

/** The compiler makes `ariaLabel` of `aria-label`. */
const asInWxml = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

export class Part {
  constructor(readonly element: SimulatedElement) {}

  get attributes(): Record<string, unknown> {
    const told = this.element.__wxElement?._vt?.attrs ?? [];
    return Object.fromEntries(told.map(({ name, value }) => [asInWxml(name), typeof value === 'string' ? value.trim() : value]));
  }

  get words(): string {
    return (this.element.textContent ?? '').replace(/\s+/g, ' ').trim();
  }

  async tap(at: Point = { x: 0, y: 0 }): Promise<void> {
    await this.finger('touchstart', at);
    await this.finger('touchend', at);
  }

  /** Needs jest's clock. */
  async longPress(): Promise<void> {
    await this.finger('touchstart', { x: 0, y: 0 });
    jest.advanceTimersByTime(LONG_MS);
    await settled();
    await this.finger('touchend', { x: 0, y: 0 });
  }

  /** Along the points, and off at the last one. */
  async draw(first: Point, ...others: Point[]): Promise<void> {
    await this.finger('touchstart', first);
    for (const point of others) await this.finger('touchmove', point);
    await this.finger('touchend', others[others.length - 1] ?? first);
  }

  async finger(name: 'touchstart' | 'touchmove' | 'touchend' | 'touchcancel', at: Point): Promise<void> {
    this.element.dispatchEvent(new FingerEvent(name, at));
    await settled();
  }
}

export class Shown {
  /** Every event that the page was told, in their order. */
  readonly heard: [name: string, detail: unknown][] = [];

  constructor(
    private readonly root: Root,
    events: string[],
  ) {
    for (const name of events) {
      root.addEventListener(name, (event: { detail?: unknown }) => void this.heard.push([name, event.detail]));
    }
  }

  get whole(): Part {
    return new Part(this.root.dom);
  }

  get words(): string {
    return this.whole.words;
  }

  /** All parts whose attributes in WXML are these. */
  all(wanted: Record<string, unknown>): Part[] {
    return [...this.whole.element.querySelectorAll<SimulatedElement>('*')]
      .map((element) => new Part(element))
      .filter(({ attributes }) => Object.entries(wanted).every(([name, value]) => attributes[name] === value));
  }

  /** The only part whose attributes in WXML are these. */
  part(wanted: Record<string, unknown>): Part {
    const [found, ...more] = this.all(wanted);
    if (!found || more.length > 0) {
      throw new Error(`${more.length + (found ? 1 : 0)} parts have ${JSON.stringify(wanted)} in ${this.whole.element.outerHTML}`);
    }
    return found;
  }

  button(label: string): Part {
    return this.part({ 'aria-role': 'button', 'aria-label': label });
  }

  get labels(): unknown[] {
    return this.all({ 'aria-role': 'button' }).map(({ attributes }) => attributes['aria-label']);
  }

  /** The picture from this address does not come. */
  async breakPicture(src: string): Promise<void> {
    for (const image of this.root.querySelectorAll('.image').concat(this.root.querySelectorAll('.picture'))) {
      if (new Part(image.dom).attributes.src === src) image.dispatchEvent('error');
    }
    await settled();
  }

  /** How full each of the inlaid chips with this class is. */
  inlaid(className: string): number[] {
    return this.root.querySelectorAll(`.${className}`).map(({ data }) => Number(data.share));
  }

  async set(properties: object): Promise<void> {
    this.root.setData(properties);
    await settled();
  }

  leave(): void {
    this.root.detach();
  }
}

/** One component for each file of tests: the simulator takes what it needs from a file once. */
export function shower(name: string, ...events: string[]): (properties?: object) => Shown {
  const id = simulate.load(path.join(SRC, 'components', name, name), name, { compiler: 'official', rootPath: SRC });
  let present: Shown | undefined;
  afterEach(() => {
    present?.leave();
    present = undefined;
    setLanguage('zh');
  });
  return (properties = {}) => {
    const root = simulate.render(id, properties);
    present = new Shown(root, events);
    root.attach(document.body);
    return present;
  };
}

/** Touches, measurements and events of the simulator come one tick after another; none of them takes longer. */
export async function settled(): Promise<void> {
  for (let tick = 0; tick < 20; tick += 1) await Promise.resolve();
}
