/** Choosing a look: styles, their mixture, strength and layers. A behaviour of the pages that have it, which are told by `onChoice`. */
import { nameOf, t } from '../../i18n/index';
import { wordsOf } from '../../services/errors';
import { percent } from '../../services/format';
import { limits } from '../../services/limits';
import { FAMILIES, styles, type Style } from '../../services/styles';
import type { Levels, Look } from '../../services/stylizations';
import { anyPreparing, cardOf, shelvesOf, type StyleCard } from '../styles/gallery';
import {
  ALL_LEVELS,
  type Choice,
  lookOf,
  NOTHING_CHOSEN,
  shareOfSecond,
  tauOf,
  withLevel,
  withMixing,
  withShareOfSecond,
  withStyle,
  withStylesOf,
} from './choice';
import { levelWord, tauWord } from './strength';

interface Chooser {
  onChoice(choice: Choice): void;
}

type Tap<T extends object> = WechatMiniprogram.BaseEvent<WechatMiniprogram.IAnyObject, T>;
type Slid = WechatMiniprogram.CustomEvent<{ value: number }>;
type SlidLevel = WechatMiniprogram.CustomEvent<{ value: number }, WechatMiniprogram.IAnyObject, { level: keyof Levels }>;

const LOOK_AGAIN_MS = 3000;
const TAU = { min: 0, max: 1.5, step: 0.05, default: 1 };
const LAYERS = ['colour', 'texture', 'structure'] as const;

export const looking = Behavior({
  data: {
    choice: NOTHING_CHOSEN,
    look: {
      stage: 'loading' as 'loading' | 'ready' | 'failed',
      problem: '',
      gone: '',
      family: '',
      families: [] as { key: string; name: string }[],
      cards: [] as StyleCard[],
      chosen: [] as string[],
      balance: 0.5,
      balanceText: '',
      tau: TAU.default,
      tauText: '',
      range: TAU,
      layers: [] as { key: keyof Levels; name: string; share: number; text: string }[],
      moreOpen: false,
      placeholders: [0, 1, 2, 3, 4],
    },
  },

  lifetimes: {
    detached() {
      this.stopLooking();
    },
  },

  methods: {
    /** Asks for the styles, and again while one of them is being prepared. */
    async loadLooks(fresh = false) {
      try {
        const [all, { tau }] = await Promise.all([styles.all(fresh), limits()]);
        known.set(this, all);
        this.setData({ 'look.stage': 'ready', 'look.problem': '', 'look.range': tau });
        this.dropStylesGone(all);
        this.drawLook();
        this.stopLooking();
        if (anyPreparing(all)) waiting.set(this, setTimeout(() => this.loadLooks(true), LOOK_AGAIN_MS));
      } catch (error) {
        if (!known.has(this)) this.setData({ 'look.stage': 'failed', 'look.problem': wordsOf(error) });
      }
    },

    loadLooksAgain() {
      this.setData({ 'look.stage': 'loading', 'look.problem': '' });
      return this.loadLooks();
    },

    stopLooking() {
      const timer = waiting.get(this);
      if (timer !== undefined) clearTimeout(timer);
    },

    dropStylesGone(all: Style[]) {
      const left = withStylesOf(this.data.choice, all);
      if (left === this.data.choice) return;
      this.setChoice(left);
      this.setData({ 'look.gone': t('create.style_gone') });
    },

    setChoice(choice: Choice) {
      this.setData({ choice, 'look.gone': '' });
      this.drawLook();
      (this as unknown as Chooser).onChoice(choice);
    },

    /** With numbers for everything that was left to the style. */
    chosenLook(): Look {
      return lookOf(this.data.choice, this.data.look.tau);
    },

    drawLook() {
      const all = known.get(this) ?? [];
      const { choice, look } = this.data;
      const shelves = shelvesOf(all, FAMILIES, nameOf);
      const shown = shelves.find(({ family }) => family === look.family);
      const tau = tauOf(choice, all, look.range.default);
      const share = shareOfSecond(choice);
      this.setData({
        'look.families': shelves.map(({ family }) => ({ key: family, name: familyName(family) })),
        'look.family': shown ? look.family : '',
        'look.cards': shown ? shown.cards : all.map((style) => cardOf(style, nameOf)),
        'look.chosen': choice.styles.map(({ id }) => id),
        'look.balance': share,
        'look.balanceText': this.wordsOfBalance(share),
        'look.tau': tau,
        'look.tauText': t(`create.${tauWord(tau)}`),
        'look.layers': LAYERS.map((key) => layer(key, (choice.levels ?? ALL_LEVELS)[key])),
      });
    },

    wordsOfBalance(share: number): string {
      const [one, other] = this.data.choice.styles.map(({ id }) => known.get(this)?.find((style) => style.id === id));
      if (!one || !other) return '';
      return t('create.mix_shares', { one: nameOf(one.name), share: percent(1 - share), other: nameOf(other.name), rest: percent(share) });
    },

    chooseFamily(event: Tap<{ family: string }>) {
      this.showFamily(event.currentTarget.dataset.family);
    },

    showFamily(family: string) {
      this.setData({ 'look.family': family });
      this.drawLook();
    },

    chooseStyle(event: WechatMiniprogram.CustomEvent<{ id: string }>) {
      this.setChoice(withStyle(this.data.choice, event.detail.id));
    },

    switchMixing(event: WechatMiniprogram.SwitchChange) {
      this.setChoice(withMixing(this.data.choice, event.detail.value));
    },

    slidingBalance(event: Slid) {
      this.setData({ 'look.balanceText': this.wordsOfBalance(event.detail.value) });
    },

    slideBalance(event: Slid) {
      this.setChoice(withShareOfSecond(this.data.choice, event.detail.value));
    },

    slidingTau(event: Slid) {
      this.setData({ 'look.tauText': t(`create.${tauWord(event.detail.value)}`) });
    },

    slideTau(event: Slid) {
      this.setChoice({ ...this.data.choice, tau: event.detail.value });
    },

    slidingLevel(event: SlidLevel) {
      const { level } = event.currentTarget.dataset;
      this.setData({ [`look.layers[${LAYERS.indexOf(level)}].text`]: layer(level, event.detail.value).text });
    },

    slideLevel(event: SlidLevel) {
      this.setChoice(withLevel(this.data.choice, event.currentTarget.dataset.level, event.detail.value));
    },

    resetLevels() {
      this.setChoice({ ...this.data.choice, levels: null });
    },

    switchKeepColour(event: WechatMiniprogram.SwitchChange) {
      this.setChoice({ ...this.data.choice, keepColor: event.detail.value });
    },

    toggleMore() {
      this.setData({ 'look.moreOpen': !this.data.look.moreOpen });
    },
  },
});

const known = new WeakMap<object, Style[]>();
const waiting = new WeakMap<object, ReturnType<typeof setTimeout>>();

function layer(key: keyof Levels, share: number) {
  return { key, share, name: t(`create.level_${key}`), text: t(`create.${levelWord(share)}`, { share: percent(share) }) };
}

/** A family without a word of ours yet keeps its own name. */
function familyName(family: string): string {
  return FAMILIES.includes(family) ? t(`common.family_${family}` as Parameters<typeof t>[0]) : family;
}
