/** Creates and finds DOM elements of the device frame and the platform's dialogs. */

type Child = Node | string | null;

/**
 * `element('button', { class: 'wide', onclick: close }, 'Close')`. `class`, `role` and names with a hyphen are set as attributes,
 * all other names as properties.
 */
export function element<T extends keyof HTMLElementTagNameMap>(
  tag: T,
  settings: Record<string, unknown> = {},
  ...children: Child[]
): HTMLElementTagNameMap[T] {
  const created = document.createElement(tag);
  for (const [name, value] of Object.entries(settings)) {
    if (name === 'class' || name === 'role' || name.includes('-')) created.setAttribute(name, String(value));
    else Object.assign(created, { [name]: value });
  }
  created.append(...children.filter((child): child is Node | string => child !== null));
  return created;
}

/** Returns an element of index.html. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no #${id}`);
  return found;
}
