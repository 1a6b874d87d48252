/** The search field, the filter sheet and the chips: a behavior of the works page. Calls `onFiltersChanged` of the page. */
import { localized, t, type TextKey } from '../../i18n/index';
import { isoDay } from '../../services/format';
import { FALLBACK_STRENGTH_RANGE, serviceConfig } from '../../services/service-config';
import { styles } from '../../services/styles';
import { bandsWithin, STRENGTH_BANDS, type StrengthBand } from '../strength-bands';
import { type Chip, chipsOf, type Filters, isFiltering, NO_FILTERS, STATUSES, without } from './filters';

interface HostPage {
  onFiltersChanged(filters: Filters): void;
}

type Tap<T extends object> = WechatMiniprogram.BaseEvent<WechatMiniprogram.IAnyObject, T>;
type Pick = WechatMiniprogram.PickerChange;

const TYPING_PAUSE_MS = 400;

export const filterControls = Behavior({
  data: {
    filters: NO_FILTERS,
    /** The filters in the open sheet, before they are applied. */
    chosen: NO_FILTERS,
    filterOpen: false,
    chips: [] as (Chip & { removeLabel: string })[],
    isFiltered: false,
    strengthRange: FALLBACK_STRENGTH_RANGE,
    bands: [] as { key: string; name: string }[],
    statuses: [] as { key: string; name: string }[],
    styleNames: [] as string[],
    styleIds: [] as string[],
    styleIndex: 0,
    today: '',
  },

  methods: {
    async openFilters() {
      const [choices, strengthRange] = await Promise.all([
        styles.all().catch(() => []),
        serviceConfig().then(
          ({ tau }) => tau,
          () => this.data.strengthRange,
        ),
      ]);
      const styleIds = ['', ...choices.map((style) => style.id)];
      this.setData({
        filterOpen: true,
        chosen: this.data.filters,
        strengthRange,
        styleIds,
        styleNames: [worksText('filter_style_any'), ...choices.map((style) => localized(style.name))],
        styleIndex: Math.max(0, styleIds.indexOf(this.data.filters.style)),
        today: isoDay(new Date()),
      });
      this.nameFilters();
    },

    closeFilters() {
      this.setData({ filterOpen: false });
    },

    pickStyle(event: Pick) {
      const styleIndex = Number(event.detail.value);
      this.setData({ styleIndex, 'chosen.style': this.data.styleIds[styleIndex] });
    },

    pickBand(event: Tap<{ key: string }>) {
      this.setData({ 'chosen.band': toggled(this.data.chosen.band, event.currentTarget.dataset.key) });
    },

    pickStatus(event: Tap<{ key: string }>) {
      this.setData({ 'chosen.status': toggled(this.data.chosen.status, event.currentTarget.dataset.key) });
    },

    pickFrom(event: Pick) {
      this.setData({ 'chosen.from': String(event.detail.value) });
    },

    pickUntil(event: Pick) {
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
      return this.setFilters({ ...this.data.chosen, query: this.data.filters.query });
    },

    clearFilters() {
      this.setData({ filterOpen: false });
      return this.setFilters(NO_FILTERS);
    },

    removeFilter(event: Tap<{ key: keyof Filters }>) {
      return this.setFilters(without(this.data.filters, event.currentTarget.dataset.key));
    },

    /** Searches when the user pauses typing. */
    typeQuery(event: WechatMiniprogram.Input) {
      const query = event.detail.value;
      cancelTypingTimer(this);
      typingTimers.set(
        this,
        setTimeout(() => this.setFilters({ ...this.data.filters, query }), TYPING_PAUSE_MS),
      );
    },

    searchNow(event: WechatMiniprogram.Input) {
      cancelTypingTimer(this);
      return this.setFilters({ ...this.data.filters, query: event.detail.value });
    },

    clearQuery() {
      cancelTypingTimer(this);
      return this.setFilters({ ...this.data.filters, query: '' });
    },

    async setFilters(filters: Filters) {
      const style = filters.style ? await styles.find(filters.style).catch(() => null) : null;
      const band = STRENGTH_BANDS.find(({ key }) => key === filters.band);
      const names = {
        style: style ? localized(style.name) : worksText('filter_style'),
        band: band ? bandName(band) : '',
        status: filters.status ? statusName(filters.status) : '',
      };
      this.setData({
        filters,
        isFiltered: isFiltering(filters),
        chips: chipsOf(filters, names, worksText).map((chip) => ({
          ...chip,
          removeLabel: worksText('filter_off', { name: chip.name }),
        })),
      });
      (this as unknown as HostPage).onFiltersChanged(filters);
    },

    /** Sets the names of the bands and statuses in the current language. */
    nameFilters() {
      this.setData({
        bands: bandsWithin(this.data.strengthRange).map((band) => ({ key: band.key, name: bandName(band) })),
        statuses: STATUSES.map((key) => ({ key, name: statusName(key) })),
      });
    },
  },
});

const typingTimers = new WeakMap<object, ReturnType<typeof setTimeout>>();

function cancelTypingTimer(page: object): void {
  const timer = typingTimers.get(page);
  if (timer !== undefined) clearTimeout(timer);
}

function toggled(current: string, tapped: string): string {
  return current === tapped ? '' : tapped;
}

function worksText(key: string, params?: Record<string, string>): string {
  return t(`works.${key}` as TextKey, params);
}

function bandName({ key, from, below }: StrengthBand): string {
  return t(`works.tau_${key}`, { from: from ?? '', below: below ?? '' });
}

function statusName(status: string): string {
  return t(`common.status_${status}` as TextKey);
}
