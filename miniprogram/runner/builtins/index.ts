/** All built-in tags. build.mjs derives the tag names from the file names in this folder. */

import type { glassEasel } from 'glass-easel-miniprogram-adapter';
import { defineBuiltIn, type BuiltIn } from '../platform/built-in';
import button from './button';
import image from './image';
import input from './input';
import navigator from './navigator';
import picker from './picker';
import rootPortal from './root-portal';
import scrollView from './scroll-view';
import slider from './slider';
import swiper from './swiper';
import swiperItem from './swiper-item';
import switchBuiltIn from './switch';
import text from './text';
import textarea from './textarea';
import view from './view';

export const BUILT_INS: Record<string, BuiltIn> = {
  button,
  image,
  input,
  navigator,
  picker,
  'root-portal': rootPortal,
  'scroll-view': scrollView,
  slider,
  swiper,
  'swiper-item': swiperItem,
  switch: switchBuiltIn,
  text,
  textarea,
  view,
};

/** Registers the built-in tags and returns their component paths by tag: `{ 'wx-view': '/built-in/view', … }`. */
export function registerBuiltIns(space: glassEasel.ComponentSpace): Record<string, string> {
  return Object.fromEntries(Object.entries(BUILT_INS).map(([tag, builtIn]) => [`wx-${tag}`, defineBuiltIn(space, tag, builtIn)]));
}
