/** The badge that the law asks for. */

import { setLanguage } from '../../src/i18n/index';
import { shower } from './render-component';

const show = shower('ai-badge');

test('says AI生成 in both languages, for the law is about these words', () => {
  setLanguage('zh');
  const shown = show();
  expect(shown.words).toBe('AI生成');
  setLanguage('en');
  expect(shown.words).toMatch(/AI生成.*AI-generated/);
});
