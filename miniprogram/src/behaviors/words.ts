/** Gives a page or component its words as `data.w`, in the present language, and anew when that changes. */
import { type Area, onLanguageChange, wordsOfArea } from '../i18n/index';

interface Worded {
  /** Called after each renewal, the first one included. */
  onWords?(): void;
}

const unsubscribe = new WeakMap<object, () => void>();

/** A behavior; in WXML `{{w.create.start}}`. */
export function wordsFor(...areas: Area[]): string {
  return Behavior({
    data: { w: {} as Record<string, Readonly<Record<string, string>>> },
    lifetimes: {
      attached() {
        const renew = () => {
          this.setData({ w: Object.fromEntries(areas.map((area) => [area, wordsOfArea(area)])) });
          (this as Worded).onWords?.();
        };
        renew();
        unsubscribe.set(this, onLanguageChange(renew));
      },
      detached() {
        unsubscribe.get(this)?.();
        unsubscribe.delete(this);
      },
    },
  });
}
