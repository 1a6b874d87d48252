/** The search box, the filter sheet and its chips: a behaviour of the works page, which is told by `onNarrowed`. */
import { nameOf, t } from '../../i18n/index';
import { styles } from '../../services/styles';
import { BANDS, chipsOf, type Chip, type Filters, narrows, NO_FILTERS, STATUSES, without } from './filters';

interface Narrowed {
  onNarrowed(filters: Filters): void;
}

type Tapped<T extends object> = WechatMiniprogram.BaseEvent<WechatMiniprogram.IAnyObject, T>;
type Picked = WechatMiniprogram.PickerChange;

const AFTER_TYPING_MS = 400;

/** `t` for the words of this page. */
export const say = (key: string, params?: Record<string, string>) =>
  t(`works.${key}` as Parameters<typeof t>[0], params);

export const narrowing = Behavior({
  data: {
    filters: NO_FILTERS,
    /** What the open sheet says, until it is applied. */
    chosen: NO_FILTERS,
    filterOpen: false,
    chips: [] as (Chip & { off: string })[],
    narrowed: false,
    bands: [] as { key: string; name: string }[],
    statuses: [] as { key: string; name: string }[],
    styleNames: [] as string[],
    styleIds: [] as string[],
    styleIndex: 0,
    today: '',
  },

  methods: {
    async openFilters() {
      const choices = await styles.all().catch(() => []);
      const styleIds = ['', ...choices.map((style) => style.id)];
      this.setData({
        filterOpen: true,
        chosen: this.data.filters,
        styleIds,
        styleNames: [say('filter_style_any'), ...choices.map((style) => nameOf(style.name))],
        styleIndex: Math.max(0, styleIds.indexOf(this.data.filters.style)),
        today: dayOf(new Date()),
      });
    },

    closeFilters() {
      this.setData({ filterOpen: false });
    },

    pickStyle(event: Picked) {
      const styleIndex = Number(event.detail.value);
      this.setData({ styleIndex, 'chosen.style': this.data.styleIds[styleIndex] });
    },

    pickBand(event: Tapped<{ key: string }>) {
      this.setData({ 'chosen.band': toggled(this.data.chosen.band, event.currentTarget.dataset.key) });
    },

    pickStatus(event: Tapped<{ key: string }>) {
      this.setData({ 'chosen.status': toggled(this.data.chosen.status, event.currentTarget.dataset.key) });
    },

    pickFrom(event: Picked) {
      this.setData({ 'chosen.from': String(event.detail.value) });
    },

    pickUntil(event: Picked) {
      this.setData({ 'chosen.until': String(event.detail.value) });
    },

    clearDays() {
      this.setData({ 'chosen.from': '', 'chosen.until': '' });
    },

    pickFavourites(event: WechatMiniprogram.SwitchChange) {
      this.setData({ 'chosen.favourites': event.detail.value });
    },

    applyFilters() {
      this.setData({ filterOpen: false });
      return this.narrow({ ...this.data.chosen, words: this.data.filters.words });
    },

    clearFilters() {
      this.setData({ filterOpen: false });
      return this.narrow(NO_FILTERS);
    },

    dropChip(event: Tapped<{ key: keyof Filters }>) {
      return this.narrow(without(this.data.filters, event.currentTarget.dataset.key));
    },

    typeWords(event: WechatMiniprogram.Input) {
      const words = event.detail.value;
      stopTyping(this);
      typing.set(
        this,
        setTimeout(() => this.narrow({ ...this.data.filters, words }), AFTER_TYPING_MS),
      );
    },

    searchNow(event: WechatMiniprogram.Input) {
      stopTyping(this);
      return this.narrow({ ...this.data.filters, words: event.detail.value });
    },

    clearWords() {
      stopTyping(this);
      return this.narrow({ ...this.data.filters, words: '' });
    },

    async narrow(filters: Filters) {
      const style = filters.style ? await styles.find(filters.style).catch(() => null) : null;
      this.setData({
        filters,
        narrowed: narrows(filters),
        chips: chipsOf(filters, style ? nameOf(style.name) : say('filter_style'), say).map((chip) => ({
          ...chip,
          off: say('filter_off', { name: chip.name }),
        })),
      });
      (this as unknown as Narrowed).onNarrowed(filters);
    },

    /** In the language of now. */
    nameFilters() {
      this.setData({
        bands: BANDS.map(({ key }) => ({ key, name: say(`tau_${key}`) })),
        statuses: STATUSES.map((key) => ({ key, name: say(`status_${key}`) })),
      });
    },
  },
});

const typing = new WeakMap<object, ReturnType<typeof setTimeout>>();

function stopTyping(page: object): void {
  const waiting = typing.get(page);
  if (waiting !== undefined) clearTimeout(waiting);
}

function toggled(present: string, tapped: string): string {
  return present === tapped ? '' : tapped;
}

function dayOf(date: Date): string {
  const two = (number: number) => String(number).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
