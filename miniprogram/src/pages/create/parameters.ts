/** The form for styles, mixture, strength and levels: a behavior of the create page and the job page. Calls `onChoiceChanged` of the page. */
import type { StyleItem } from '../../components/style-item';
import { localized, t } from '../../i18n/index';
import { messageOf } from '../../services/errors';
import { percent } from '../../services/format';
import { FALLBACK_STRENGTH_RANGE, serviceConfig } from '../../services/service-config';
import { CATEGORIES, categoryName, styles, type Style } from '../../services/styles';
import type { Levels, StyleParameters } from '../../services/stylizations';
import { groupByCategory, hasPreparing, PREPARING_POLL_MS, styleCardOf } from '../styles/gallery';
import {
  type Choice,
  effectiveTau,
  FULL_LEVELS,
  isFullFor,
  MAX_STYLES,
  maxShare,
  MIN_SHARE,
  NOTHING_CHOSEN,
  parametersOfChoice,
  sharesOf,
  withAvailableStyles,
  withLevel,
  withMixing,
  withShare,
  withStyle,
} from './choice';
import { levelTextKey, tauTextKey } from './text-keys';

interface HostPage {
  onChoiceChanged(choice: Choice): void;
}

type Tap<T extends object> = WechatMiniprogram.BaseEvent<WechatMiniprogram.IAnyObject, T>;
type SliderEvent = WechatMiniprogram.CustomEvent<{ value: number }>;
type ShareEvent = WechatMiniprogram.CustomEvent<{ value: number }, WechatMiniprogram.IAnyObject, { id: string }>;
type LevelEvent = WechatMiniprogram.CustomEvent<{ value: number }, WechatMiniprogram.IAnyObject, { level: keyof Levels }>;

/** Sets the share of one style of the mixture. */
interface ShareSlider {
  id: string;
  share: number;
  label: string;
  text: string;
}

const LEVELS = ['colour', 'texture', 'structure'] as const;

export const parametersForm = Behavior({
  data: {
    choice: NOTHING_CHOSEN,
    parameters: {
      stage: 'loading' as 'loading' | 'ready' | 'failed',
      problem: '',
      styleProblem: '',
      category: '',
      categories: [] as { key: string; name: string }[],
      cards: [] as StyleItem[],
      chosen: [] as string[],
      shares: [] as ShareSlider[],
      minShare: MIN_SHARE,
      maxShare: 1 - MIN_SHARE,
      tau: FALLBACK_STRENGTH_RANGE.default,
      tauText: '',
      range: FALLBACK_STRENGTH_RANGE,
      levels: [] as { key: keyof Levels; name: string; share: number; text: string }[],
      moreOpen: false,
      placeholders: [0, 1, 2, 3, 4],
    },
  },

  lifetimes: {
    detached() {
      this.stopPolling();
    },
  },

  methods: {
    /** Loads the styles and the strength range. Polls while a style is being prepared. */
    async loadStyles(fresh = false) {
      try {
        const [all, { tau }] = await Promise.all([styles.all(fresh), serviceConfig()]);
        loadedStyles.set(this, all);
        this.setData({ 'parameters.stage': 'ready', 'parameters.problem': '', 'parameters.range': tau });
        this.dropDeletedStyles(all);
        this.renderParameters();
        this.stopPolling();
        if (hasPreparing(all)) pollTimers.set(this, setTimeout(() => this.loadStyles(true), PREPARING_POLL_MS));
      } catch (error) {
        if (!loadedStyles.has(this)) this.setData({ 'parameters.stage': 'failed', 'parameters.problem': messageOf(error) });
      }
    },

    reloadStyles() {
      this.setData({ 'parameters.stage': 'loading', 'parameters.problem': '' });
      return this.loadStyles();
    },

    stopPolling() {
      const timer = pollTimers.get(this);
      if (timer !== undefined) clearTimeout(timer);
    },

    dropDeletedStyles(all: Style[]) {
      const left = withAvailableStyles(this.data.choice, all);
      if (left === this.data.choice) return;
      this.setChoice(left);
      this.setData({ 'parameters.styleProblem': t(left.styles.length ? 'create.mix_missing' : 'create.style_missing') });
    },

    setChoice(choice: Choice) {
      this.setData({ choice, 'parameters.styleProblem': '' });
      this.renderParameters();
      (this as unknown as HostPage).onChoiceChanged(choice);
    },

    /** The parameters for a request, with the effective strength. */
    chosenParameters(): StyleParameters {
      return parametersOfChoice(this.data.choice, this.data.parameters.tau);
    },

    renderParameters() {
      const all = loadedStyles.get(this) ?? [];
      const { choice, parameters } = this.data;
      const groups = groupByCategory(all, CATEGORIES, localized);
      const selected = groups.find(({ category }) => category === parameters.category);
      const tau = effectiveTau(choice, all, parameters.range.default);
      this.setData({
        'parameters.categories': groups.map(({ category }) => ({ key: category, name: categoryName(category) })),
        'parameters.category': selected ? parameters.category : '',
        'parameters.cards': selected ? selected.cards : all.map((style) => styleCardOf(style, localized)),
        'parameters.chosen': choice.styles.map(({ id }) => id),
        'parameters.shares': this.shareSliders(choice),
        'parameters.maxShare': maxShare(choice.styles.length),
        'parameters.tau': tau,
        'parameters.tauText': t(`create.${tauTextKey(tau)}`),
        'parameters.levels': LEVELS.map((key) => levelView(key, (choice.levels ?? FULL_LEVELS)[key])),
      });
    },

    /** One slider balances two styles; more styles have one slider each. None until the names are known. */
    shareSliders(choice: Choice): ShareSlider[] {
      const nameOf = (id: string) => loadedStyles.get(this)?.find((style) => style.id === id)?.name;
      const shares = sharesOf(choice).flatMap(({ id, share }) => {
        const name = nameOf(id);
        return name ? [{ id, share, label: localized(name), text: t('create.mix_share', { share: percent(share) }) }] : [];
      });
      const [one, other, ...more] = shares;
      if (!one || !other || shares.length < choice.styles.length) return [];
      if (more.length) return shares;
      const text = t('create.mix_shares', { one: one.label, share: one.text, other: other.label, rest: other.text });
      return [{ ...other, label: t('create.mix_balance'), text }];
    },

    chooseCategory(event: Tap<{ category: string }>) {
      this.showCategory(event.currentTarget.dataset.category);
    },

    showCategory(category: string) {
      this.setData({ 'parameters.category': category });
      this.renderParameters();
    },

    chooseStyle(event: WechatMiniprogram.CustomEvent<{ id: string }>) {
      this.applyStyle(event.detail.id);
    },

    /** Chooses a style, or adds it to the mixture or removes it. Says so if the mixture is full. */
    applyStyle(id: string) {
      const { choice } = this.data;
      if (isFullFor(choice, id)) this.setData({ 'parameters.styleProblem': t('create.mix_full', { count: MAX_STYLES }) });
      else this.setChoice(withStyle(choice, id));
    },

    switchMixing(event: WechatMiniprogram.SwitchChange) {
      this.setChoice(withMixing(this.data.choice, event.detail.value));
    },

    /** Moves the other sliders during a drag. */
    previewShare(event: ShareEvent) {
      const { id } = event.currentTarget.dataset;
      this.setData({ 'parameters.shares': this.shareSliders(withShare(this.data.choice, id, event.detail.value)) });
    },

    setShare(event: ShareEvent) {
      const { id } = event.currentTarget.dataset;
      this.setChoice(withShare(this.data.choice, id, event.detail.value));
    },

    previewTau(event: SliderEvent) {
      this.setData({ 'parameters.tauText': t(`create.${tauTextKey(event.detail.value)}`) });
    },

    setTau(event: SliderEvent) {
      this.setChoice({ ...this.data.choice, tau: event.detail.value });
    },

    previewLevel(event: LevelEvent) {
      const { level } = event.currentTarget.dataset;
      this.setData({ [`parameters.levels[${LEVELS.indexOf(level)}].text`]: levelView(level, event.detail.value).text });
    },

    setLevel(event: LevelEvent) {
      this.setChoice(withLevel(this.data.choice, event.currentTarget.dataset.level, event.detail.value));
    },

    resetLevels() {
      this.setChoice({ ...this.data.choice, levels: null });
    },

    switchKeepColour(event: WechatMiniprogram.SwitchChange) {
      this.setChoice({ ...this.data.choice, keepColor: event.detail.value });
    },

    toggleMore() {
      this.setData({ 'parameters.moreOpen': !this.data.parameters.moreOpen });
    },
  },
});

const loadedStyles = new WeakMap<object, Style[]>();
const pollTimers = new WeakMap<object, ReturnType<typeof setTimeout>>();

function levelView(key: keyof Levels, share: number) {
  return { key, share, name: t(`create.level_${key}`), text: t(`create.${levelTextKey(share)}`, { share: Math.round(share * 100) }) };
}
