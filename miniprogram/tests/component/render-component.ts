/** Renders a component in the simulator, and finds and operates its parts by their attributes. */

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
  addEventListener(name: string, listener: (event: { detail?: unknown }) => void): void;
}

interface Simulator {
  load(file: string, tag: string, options: { compiler: 'official'; rootPath: string }): string;
  render(id: string, properties: object): Root;
}

// An import would add older WeChat types that conflict with ours.
const simulate = jest.requireActual<Simulator>('miniprogram-simulate');

/** The bounds of every element, because jsdom has no layout. */
export const FRAME = { left: 20, width: 400 };

/** The duration of a long press in the tests; j-component requires 350 ms. */
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

/** The touch events of jsdom have no touch points. */
class FakeTouchEvent extends Event {
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

/** The simulator sets only some of the WXML attributes on the DOM element; the others are in its own node. */
interface SimulatedElement extends HTMLElement {
  __wxElement?: { _vt?: { attrs?: { name: string; value: unknown }[] } };
}

/** The compiler turns `aria-label` into `ariaLabel`. */
const asInWxml = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

export class RenderedElement {
  constructor(readonly element: SimulatedElement) {}

  get attributes(): Record<string, unknown> {
    const attributes = this.element.__wxElement?._vt?.attrs ?? [];
    return Object.fromEntries(attributes.map(({ name, value }) => [asInWxml(name), typeof value === 'string' ? value.trim() : value]));
  }

  get text(): string {
    return (this.element.textContent ?? '').replace(/\s+/g, ' ').trim();
  }

  async tap(at: Point = { x: 0, y: 0 }): Promise<void> {
    await this.touch('touchstart', at);
    await this.touch('touchend', at);
  }

  /** Requires the fake timers of jest. */
  async longPress(): Promise<void> {
    await this.touch('touchstart', { x: 0, y: 0 });
    jest.advanceTimersByTime(LONG_MS);
    await settled();
    await this.touch('touchend', { x: 0, y: 0 });
  }

  /** Moves one finger along the points and lifts it at the last one. */
  async drag(first: Point, ...others: Point[]): Promise<void> {
    await this.touch('touchstart', first);
    for (const point of others) await this.touch('touchmove', point);
    await this.touch('touchend', others[others.length - 1] ?? first);
  }

  async touch(name: 'touchstart' | 'touchmove' | 'touchend' | 'touchcancel', at: Point): Promise<void> {
    this.element.dispatchEvent(new FakeTouchEvent(name, at));
    await settled();
  }
}

export class RenderedComponent {
  /** The events that the component has triggered, in order. */
  readonly events: [name: string, detail: unknown][] = [];

  constructor(
    private readonly root: Root,
    eventNames: string[],
  ) {
    for (const name of eventNames) {
      root.addEventListener(name, (event: { detail?: unknown }) => void this.events.push([name, event.detail]));
    }
  }

  get rootElement(): RenderedElement {
    return new RenderedElement(this.root.dom);
  }

  get text(): string {
    return this.rootElement.text;
  }

  /** All elements with these WXML attributes. */
  findAll(wanted: Record<string, unknown>): RenderedElement[] {
    return [...this.rootElement.element.querySelectorAll<SimulatedElement>('*')]
      .map((element) => new RenderedElement(element))
      .filter(({ attributes }) => Object.entries(wanted).every(([name, value]) => attributes[name] === value));
  }

  /** The only element with these WXML attributes; throws if there is none or more than one. */
  find(wanted: Record<string, unknown>): RenderedElement {
    const [found, ...more] = this.findAll(wanted);
    if (!found || more.length > 0) {
      throw new Error(`${more.length + (found ? 1 : 0)} elements have ${JSON.stringify(wanted)} in ${this.rootElement.element.outerHTML}`);
    }
    return found;
  }

  button(label: string): RenderedElement {
    return this.find({ 'aria-role': 'button', 'aria-label': label });
  }

  get buttonLabels(): unknown[] {
    return this.findAll({ 'aria-role': 'button' }).map(({ attributes }) => attributes['aria-label']);
  }

  /** Makes the pictures with this source fail to load. */
  async failImage(src: string): Promise<void> {
    for (const image of this.root.querySelectorAll('.image').concat(this.root.querySelectorAll('.picture'))) {
      if (new RenderedElement(image.dom).attributes.src === src) image.dispatchEvent('error');
    }
    await settled();
  }

  /** The `share` of each component with this class. */
  shares(className: string): number[] {
    return this.root.querySelectorAll(`.${className}`).map(({ data }) => Number(data.share));
  }

  async setProperties(properties: object): Promise<void> {
    this.root.setData(properties);
    await settled();
  }

  detach(): void {
    this.root.detach();
  }
}

/** Returns a function that renders the component. Call it once in each test file, because the simulator loads a component once. */
export function componentRenderer(name: string, ...eventNames: string[]): (properties?: object) => RenderedComponent {
  const id = simulate.load(path.join(SRC, 'components', name, name), name, { compiler: 'official', rootPath: SRC });
  let current: RenderedComponent | undefined;
  afterEach(() => {
    current?.detach();
    current = undefined;
    setLanguage('zh');
  });
  return (properties = {}) => {
    const root = simulate.render(id, properties);
    current = new RenderedComponent(root, eventNames);
    root.attach(document.body);
    return current;
  };
}

/** Waits until the simulator has processed touches, measurements and events, which take several ticks. */
async function settled(): Promise<void> {
  for (let tick = 0; tick < 20; tick += 1) await Promise.resolve();
}
