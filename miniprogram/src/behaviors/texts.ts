/** Gives a page or component its texts as `data.t`, and updates them when the language changes. */
import { onLanguageChange, type TextArea, textsOf } from '../i18n/index';

interface HasTexts {
  /** Called after each update of `data.t`, the first one included. */
  onTexts?(): void;
}

const unsubscribe = new WeakMap<object, () => void>();

/** Returns a behavior that loads the texts of these areas; WXML reads them as `{{t.create.start}}`. */
export function localizedTexts(...areas: TextArea[]): string {
  return Behavior({
    data: { t: {} as Record<string, Readonly<Record<string, string>>> },
    lifetimes: {
      attached() {
        const update = () => {
          this.setData({ t: Object.fromEntries(areas.map((area) => [area, textsOf(area)])) });
          (this as HasTexts).onTexts?.();
        };
        update();
        unsubscribe.set(this, onLanguageChange(update));
      },
      detached() {
        unsubscribe.get(this)?.();
        unsubscribe.delete(this);
      },
    },
  });
}
