/** `<picker>` with the modes `selector` and `date`: a tap opens a dialog at the bottom of the screen. */

import { builtIn, type Host } from '../platform/built-in';
import { button, openDialog } from '../platform/dialogs';
import { element } from '../platform/dom';
import { usageError } from '../state/error-log';
import { texts } from '../state/texts';

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
      else throw usageError(`<picker mode="${host.values.mode}"> is not supported by the runner; use selector or date`);
    });
  },
});

function openSelector(host: PickerHost): void {
  const { range, rangeKey, value } = host.values;
  let selected = Number(value) || 0;
  const rows = range.map((item, index) => {
    const name = rangeKey ? (item as Record<string, unknown>)[rangeKey] : item;
    return element('button', { class: 'picker-row', role: 'option', onclick: () => select(index) }, String(name));
  });
  const select = (index: number) => {
    selected = index;
    rows.forEach((row, each) => row.setAttribute('aria-selected', String(each === selected)));
  };
  select(selected);
  openPicker(host, element('div', { class: 'picker-rows', role: 'listbox', 'aria-label': labelOf(host) }, ...rows), () => selected);
  rows[selected]?.scrollIntoView({ block: 'center' });
}

function openDate(host: PickerHost): void {
  const { value, start, end, fields } = host.values;
  const field = element('input', { class: 'picker-date', 'aria-label': labelOf(host) || texts.pickDate });
  field.type = fields === 'day' ? 'date' : fields === 'month' ? 'month' : 'number';
  Object.assign(field, { min: start, max: end, value: value ? String(value) : '' });
  openPicker(host, field, () => field.value);
}

function openPicker(host: PickerHost, content: HTMLElement, currentValue: () => string | number): void {
  const cancel = () => {
    dialog.close();
    host.fire('cancel');
  };
  const confirm = () => {
    dialog.close();
    host.set({ value: currentValue() });
    host.fire('change', { value: currentValue() });
  };
  const dialog = openDialog(
    { label: labelOf(host), position: 'bottom', onCancel: cancel },
    element(
      'div',
      { class: 'picker-header' },
      button(texts.cancel, 'secondary', cancel),
      element('strong', {}, host.values.headerText),
      button(texts.ok, 'primary', confirm),
    ),
    content,
  );
}

function labelOf(host: PickerHost): string {
  return host.values.headerText || host.element.getAttribute('aria-label') || '';
}
