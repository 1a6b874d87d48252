/** What a built-in component of the platform is made of: see builtins/switch.ts for a short example. */

import { glassEasel } from 'glass-easel-miniprogram-adapter';
import { accessible, handOver } from './accessible';

type Kind = StringConstructor | NumberConstructor | BooleanConstructor | ArrayConstructor | null;
type Property = Kind | { type: Kind; value: unknown };
type Properties = Record<string, Property>;

type ValueOf<P> = P extends { type: infer K } ? ValueOf<K>
  : P extends StringConstructor ? string
  : P extends NumberConstructor ? number
  : P extends BooleanConstructor ? boolean
  : P extends ArrayConstructor ? unknown[]
  : unknown;

export type Values<P extends Properties> = { readonly [K in keyof P]: ValueOf<P[K]> };

/** One built-in element that stands in a page. */
export interface Host<P extends Properties = Properties> {
  /** `<wx-switch>` and the like in the DOM. */
  element: HTMLElement;
  /** The attributes of the WXML as they are now, in camelCase. */
  values: Values<P>;
  component: glassEasel.GeneralComponent;
  /** Tells the mini program: `bindchange="…"`. What the handler returns goes to `heard`. */
  fire(name: string, detail?: object, heard?: (returned: unknown) => void): void;
  /** Puts a browser's element inside; aria-* of the WXML stand on it from then on. */
  control<E extends HTMLElement>(inner: E): E;
  /** Sets a property from inside, as typing into an input changes its value. */
  set(change: Partial<Record<keyof P, unknown>>): void;
}

export interface BuiltIn<P extends Properties = Properties> {
  properties: P;
  /** Called when the element comes into a page; what it returns is called at once and after every change of a property. */
  mount?(host: Host<P>): (() => void) | void;
}

/** Only gives `mount` the types of the properties. */
export function builtIn<const P extends Properties>(definition: BuiltIn<P>): BuiltIn {
  return definition as unknown as BuiltIn;
}

const updates = new WeakMap<object, () => void>();

export function defineBuiltIn(space: glassEasel.ComponentSpace, tag: string, definition: BuiltIn): string {
  const path = `built-in/${tag}`;
  space.defineComponent({
    is: path,
    behaviors: [space.defineBehavior(accessible)],
    properties: definition.properties as never,
    observers: {
      '**'(this: glassEasel.GeneralComponent) {
        updates.get(this)?.();
      },
    },
    lifetimes: {
      attached(this: glassEasel.GeneralComponent) {
        if (updates.has(this)) return;
        const update = definition.mount?.(hostOf(this)) ?? (() => {});
        updates.set(this, update);
        update();
      },
    },
  });
  return `/${path}`;
}

function hostOf(component: glassEasel.GeneralComponent): Host {
  const host = component.getBackendElement() as unknown as HTMLElement;
  return {
    element: host,
    component,
    get values() {
      return component.data;
    },
    fire(name, detail = {}, heard) {
      const options = heard ? { handleListenerReturn: (returned: unknown) => (heard(returned), undefined) } : {};
      glassEasel.Event.triggerEvent(component, name, detail, options);
    },
    control(inner) {
      // Its events are told by the built-in itself.
      host.append(inner);
      handOver(host, inner);
      return inner;
    },
    set(change) {
      component.setData(change as never);
    },
  };
}

export function reflect(element: Element, attribute: string, on: boolean): void {
  element.toggleAttribute(attribute, on);
}
