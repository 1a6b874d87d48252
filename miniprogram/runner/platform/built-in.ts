/** Defines the built-in tags of the platform. builtins/switch.ts is a short example. */

import { glassEasel } from 'glass-easel-miniprogram-adapter';
import { ariaBehavior, moveAriaTo } from './accessibility';

type Kind = StringConstructor | NumberConstructor | BooleanConstructor | ArrayConstructor | null;
type Property = Kind | { type: Kind; value: unknown };
type Properties = Record<string, Property>;

type ValueOf<P> = P extends { type: infer K } ? ValueOf<K>
  : P extends StringConstructor ? string
  : P extends NumberConstructor ? number
  : P extends BooleanConstructor ? boolean
  : P extends ArrayConstructor ? unknown[]
  : unknown;

type Values<P extends Properties> = { readonly [K in keyof P]: ValueOf<P[K]> };

/** One element of a built-in tag in a page. */
export interface Host<P extends Properties = Properties> {
  /** The DOM element, for example `<wx-switch>`. */
  element: HTMLElement;
  /** The current values of the WXML attributes, in camelCase. */
  values: Values<P>;
  component: glassEasel.GeneralComponent;
  /** Dispatches an event for `bindchange="…"`. `onReturn` gets what the handler returns. */
  fire(name: string, detail?: object, onReturn?: (returned: unknown) => void): void;
  /** Appends a native control and moves the `aria-*` attributes of the WXML to it. */
  addControl<E extends HTMLElement>(control: E): E;
  /** Changes properties after user input, for example the value of an input. */
  set(change: Partial<Record<keyof P, unknown>>): void;
}

export interface BuiltIn<P extends Properties = Properties> {
  properties: P;
  /** Runs when the element is attached. The returned function runs immediately and after every property change. */
  mount?(host: Host<P>): (() => void) | void;
}

/** Returns the definition unchanged. It only gives `mount` the types of the properties. */
export function builtIn<const P extends Properties>(definition: BuiltIn<P>): BuiltIn {
  return definition as unknown as BuiltIn;
}

const updates = new WeakMap<object, () => void>();

/** Registers a built-in tag and returns its component path. */
export function defineBuiltIn(space: glassEasel.ComponentSpace, tag: string, definition: BuiltIn): string {
  const path = `built-in/${tag}`;
  space.defineComponent({
    is: path,
    behaviors: [space.defineBehavior(ariaBehavior)],
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
    fire(name, detail = {}, onReturn) {
      const options = onReturn ? { handleListenerReturn: (returned: unknown) => (onReturn(returned), undefined) } : {};
      glassEasel.Event.triggerEvent(component, name, detail, options);
    },
    addControl(control) {
      host.append(control);
      moveAriaTo(control, host);
      return control;
    },
    set(change) {
      component.setData(change as never);
    },
  };
}
