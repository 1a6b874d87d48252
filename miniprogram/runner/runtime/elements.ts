/** Makes the DOM elements that the frame and the platform's dialogs are drawn with. */

type Child = Node | string | null;

/** `element('button', { class: 'wide', onclick: close }, 'Close')`; names with a hyphen and `role`, `class` become attributes. */
export function element<T extends keyof HTMLElementTagNameMap>(
  tag: T,
  settings: Record<string, unknown> = {},
  ...children: Child[]
): HTMLElementTagNameMap[T] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(settings)) {
    if (name === 'class' || name === 'role' || name.includes('-')) made.setAttribute(name, String(value));
    else Object.assign(made, { [name]: value });
  }
  made.append(...children.filter((child): child is Node | string => child !== null));
  return made;
}

/** A part of index.html. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no #${id}`);
  return found;
}
