/** Copies the `aria-*` attributes of WXML to the DOM, for screen readers and for tests that search by role and label. */

import type { glassEasel } from 'glass-easel-miniprogram-adapter';

const ARIA_NAMES = [
  'role', 'label', 'labelledby', 'describedby', 'hidden', 'checked', 'disabled', 'expanded', 'selected', 'pressed', 'current',
  'valuenow', 'valuemin', 'valuemax', 'valuetext', 'live', 'atomic', 'busy', 'modal', 'controls', 'owns', 'haspopup',
  'level', 'orientation', 'invalid', 'required', 'readonly', 'multiselectable', 'posinset', 'setsize', 'roledescription',
];

// Elements with these roles can be operated by keyboard in a browser, so they must be focusable.
const FOCUSABLE_ROLES = new Set(['button', 'link', 'tab', 'option', 'menuitem', 'checkbox', 'radio', 'switch', 'slider']);

/** The native control inside an element, which gets its ARIA attributes: for example the `<input>` inside `<wx-input>`. */
const nativeControls = new WeakMap<Element, Element>();

type Owner = glassEasel.GeneralComponent & { _$?: glassEasel.GeneralComponent };

/** Definition of the behavior that every component and built-in tag has. */
export const ariaBehavior = {
  properties: Object.fromEntries(ARIA_NAMES.map((name) => [propertyName(name), { type: null, value: null }])),
  observers: Object.fromEntries(
    ARIA_NAMES.map((name) => [
      propertyName(name),
      function update(this: Owner, value: unknown) {
        const host = (this._$ ?? this).getBackendElement() as unknown as Element | null;
        if (host) setAria(nativeControls.get(host) ?? host, name, value);
      },
    ]),
  ),
};

/** Moves the ARIA attributes of `host` to `control`, now and whenever they change. */
export function moveAriaTo(control: Element, host: Element): void {
  nativeControls.set(host, control);
  for (const { name, value } of [...host.attributes]) {
    if (name !== 'role' && !name.startsWith('aria-')) continue;
    host.removeAttribute(name);
    control.setAttribute(name, value);
  }
}

function propertyName(name: string): string {
  return `aria${name[0]!.toUpperCase()}${name.slice(1)}`;
}

function setAria(target: Element, name: string, value: unknown): void {
  const attribute = name === 'role' ? 'role' : `aria-${name}`;
  if (value === null || value === undefined || value === '') target.removeAttribute(attribute);
  else target.setAttribute(attribute, String(value));
  if (name === 'role' && FOCUSABLE_ROLES.has(String(value))) target.setAttribute('tabindex', '0');
}
