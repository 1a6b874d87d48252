/** Shows the aria-* attributes of WXML in the DOM: to people who use a screen reader, and to tests that look by role and label. */

import type { glassEasel } from 'glass-easel-miniprogram-adapter';

const NAMES = [
  'role', 'label', 'labelledby', 'describedby', 'hidden', 'checked', 'disabled', 'expanded', 'selected', 'pressed', 'current',
  'valuenow', 'valuemin', 'valuemax', 'valuetext', 'live', 'atomic', 'busy', 'modal', 'controls', 'owns', 'haspopup',
  'level', 'orientation', 'invalid', 'required', 'readonly', 'multiselectable', 'posinset', 'setsize', 'roledescription',
];

// These are worked by a key in a browser too, so the key must be able to reach them.
const FOCUSABLE = new Set(['button', 'link', 'tab', 'option', 'menuitem', 'checkbox', 'radio', 'switch', 'slider']);

/** Elements whose label belongs to a control inside them, as that of <input> to the browser's own input. */
const controls = new WeakMap<Element, Element>();

type Owner = glassEasel.GeneralComponent & { _$?: glassEasel.GeneralComponent };

/** A behavior that every component and built-in has. */
export const accessible = {
  properties: Object.fromEntries(NAMES.map((name) => [propertyOf(name), { type: null, value: null }])),
  observers: Object.fromEntries(
    NAMES.map((name) => [
      propertyOf(name),
      function show(this: Owner, value: unknown) {
        const host = (this._$ ?? this).getBackendElement() as unknown as Element | null;
        if (host) setAria(controls.get(host) ?? host, name, value);
      },
    ]),
  ),
};

/** From now on the aria-* attributes of `host` stand on `control`. */
export function handOver(host: Element, control: Element): void {
  controls.set(host, control);
  for (const { name, value } of [...host.attributes]) {
    if (name !== 'role' && !name.startsWith('aria-')) continue;
    host.removeAttribute(name);
    control.setAttribute(name, value);
  }
}

function propertyOf(name: string): string {
  return `aria${name[0]!.toUpperCase()}${name.slice(1)}`;
}

function setAria(target: Element, name: string, value: unknown): void {
  const attribute = name === 'role' ? 'role' : `aria-${name}`;
  if (value === null || value === undefined || value === '') target.removeAttribute(attribute);
  else target.setAttribute(attribute, String(value));
  if (name === 'role' && FOCUSABLE.has(String(value))) target.setAttribute('tabindex', '0');
}
