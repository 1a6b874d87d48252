/** `<picker>` of the modes selector and date: a tap opens a window at the bottom edge. */

import { builtIn, type Host } from '../runtime/built-in';
import { button, openDialog } from '../runtime/dialogs';
import { element } from '../runtime/elements';
import { mistake } from '../runtime/errors';
import { words } from '../runtime/words';

const properties = {
  mode: { type: String, value: 'selector' },
  headerText: String,
  disabled: Boolean,
  range: Array,
  rangeKey: String,
  value: null,
  start: String,
  end: String,
  fields: { type: String, value: 'day' },
  name: String,
} as const;

type PickerHost = Host<typeof properties>;

export default builtIn({
  properties,
  mount(host) {
    host.component.addListener('tap', () => {
      if (host.values.disabled) return;
      if (host.values.mode === 'selector') openSelector(host);
      else if (host.values.mode === 'date') openDate(host);
      else throw mistake(`<picker mode="${host.values.mode}"> is not one of the runner's: selector, date`);
    });
  },
});

function openSelector(host: PickerHost): void {
  const { range, rangeKey, value } = host.values;
  let chosen = Number(value) || 0;
  const rows = range.map((item, index) => {
    const name = rangeKey ? (item as Record<string, unknown>)[rangeKey] : item;
    return element('button', { class: 'picker-row', role: 'option', onclick: () => choose(index) }, String(name));
  });
  const choose = (index: number) => {
    chosen = index;
    rows.forEach((row, each) => row.setAttribute('aria-selected', String(each === chosen)));
  };
  choose(chosen);
  openPicker(host, element('div', { class: 'picker-rows', role: 'listbox', 'aria-label': labelOf(host) }, ...rows), () => chosen);
  rows[chosen]?.scrollIntoView({ block: 'center' });
}

function openDate(host: PickerHost): void {
  const { value, start, end, fields } = host.values;
  const field = element('input', { class: 'picker-date', 'aria-label': labelOf(host) || words.pickDate });
  field.type = fields === 'day' ? 'date' : fields === 'month' ? 'month' : 'number';
  Object.assign(field, { min: start, max: end, value: value ? String(value) : '' });
  openPicker(host, field, () => field.value);
}

function openPicker(host: PickerHost, content: HTMLElement, result: () => string | number): void {
  const cancel = () => {
    dialog.close();
    host.fire('cancel');
  };
  const accept = () => {
    dialog.close();
    host.set({ value: result() });
    host.fire('change', { value: result() });
  };
  const dialog = openDialog(
    { label: labelOf(host), place: 'bottom', onCancel: cancel },
    element(
      'div',
      { class: 'picker-head' },
      button(words.cancel, 'quiet', cancel),
      element('strong', {}, host.values.headerText),
      button(words.ok, 'main', accept),
    ),
    content,
  );
}

function labelOf(host: PickerHost): string {
  return host.values.headerText || host.element.getAttribute('aria-label') || '';
}
