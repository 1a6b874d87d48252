/** The AI badge that the law requires. */

import { setLanguage } from '../../src/i18n/index';
import { componentRenderer } from './render-component';

const render = componentRenderer('ai-badge');

test('contains AI生成 in both languages, because the law prescribes it', () => {
  setLanguage('zh');
  const view = render();
  expect(view.text).toBe('AI生成');
  setLanguage('en');
  expect(view.text).toMatch(/AI生成.*AI-generated/);
});
