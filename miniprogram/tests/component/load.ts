/** Shows a component as it ships, and finds and touches its parts as a person does: by their words, with a finger. */

import path from 'node:path';
import * as simulate from 'miniprogram-simulate';
import { setLanguage } from '../../src/i18n/index';

const SRC = path.resolve(__dirname, '../../src');

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

Element.prototype.getBoundingClientRect = () => ({ ...new DOMRect(), ...FRAME }) as DOMRect;

export interface Point {
  x: number;
  y: number;
}

/** What WXML says of an element. The simulator puts only some of it on the page, and keeps the rest with its own node. */
interface Simulated extends HTMLElement {
  __wxElement?: { _vt?: { attrs?: { name: string; value: unknown }[] } };
}

export class Part {
  constructor(readonly element: Simulated) {}

  get attributes(): Record<string, unknown> {
    return Object.fromEntries((this.element.__wxElement?._vt?.attrs ?? []).map(({ name, value }) => [name, value]));
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

type Root = ReturnType<typeof simulate.render> & { attach(parent: Node): void; detach(): void };

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
    return new Part(this.root.dom as Simulated);
  }

  get words(): string {
    return this.whole.words;
  }

  /** All parts whose attributes in WXML are these. */
  all(wanted: Record<string, unknown>): Part[] {
    return [...this.whole.element.querySelectorAll<Simulated>('*')]
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
      if (new Part(image.dom as Simulated).attributes.src === src) image.dispatchEvent('error');
    }
    await settled();
  }

  /** How full each of the inlaid chips with this class is. */
  inlaid(className: string): number[] {
    return this.root.querySelectorAll(`.${className}`).map(({ data }) => (data as unknown as { share: number }).share);
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
    const root = simulate.render(id, properties) as Root;
    present = new Shown(root, events);
    root.attach(document.body);
    return present;
  };
}

/** Touches, measurements and events of the simulator come one tick after another; none of them takes longer. */
export async function settled(): Promise<void> {
  for (let tick = 0; tick < 20; tick += 1) await Promise.resolve();
}
