/** What becomes of a finished work: the album, other people, a poster, the end of all data. */

import { scenario, useBrowser } from './scenario';

useBrowser();

scenario('who denied the album is led to the settings, and then the picture is saved', async (phone) => {
  const work = await phone.hasMade();
  await phone.openApp(`/#/pages/job/job?id=${work.id}`);
  await phone.seesResult();
  await phone.tap(phone.say('job', 'save'));
  await phone.refuse();
  await phone.isTold(phone.say('job', 'album_title'));
  await phone.agree();
  await phone.dialog.getByRole('switch').check();
  const saved = await phone.savedBy(() => phone.agree());
  expect(saved.suggestedFilename()).toMatch(/\.jpg$/);
  await phone.isTold(phone.say('job', 'saved'));
});

scenario('a shared work is seen by somebody who never logged in', async (phone, { another }) => {
  const work = await phone.hasMade({ title: '给你看的' });
  await phone.openApp(`/#/pages/job/job?id=${work.id}`);
  await phone.seesResult();
  await phone.tap(phone.say('job', 'share'));
  await phone.tap(phone.say('job', 'share_friend'));
  const link = await phone.dialog.getByRole('textbox').inputValue();
  expect(link).toContain('/pages/share/share?token=');

  const stranger = await another();
  await stranger.openApp(link);
  await stranger.sees(/给你看的/);
  await stranger.seesPictures(1);
  expect(stranger.requests.filter((request) => /\/auth\//.test(request.url()) || request.headers().authorization)).toEqual([]);
});

scenario('a post in Moments opens the single page, which shows the work and no more', async (phone, { another }) => {
  const work = await phone.hasMade();
  const { token } = await phone.ask<{ token: string }>(`/v1/stylizations/${work.id}/share`, { method: 'POST' });
  const stranger = await another();
  await stranger.openApp(`/?scene=1154#/pages/share/share?token=${token}`);
  await stranger.sees(stranger.say('share', 'single_note'));
  await stranger.seesPictures(1);
  expect(stranger.requestsTo('POST', /auth/)).toEqual([]);
});

scenario('a link that was taken back leads to kind words', async (phone, { another }) => {
  const work = await phone.hasMade();
  const { token } = await phone.ask<{ token: string }>(`/v1/stylizations/${work.id}/share`, { method: 'POST' });
  await phone.ask(`/v1/stylizations/${work.id}/share`, { method: 'DELETE' });
  const stranger = await another();
  await stranger.openApp(`/#/pages/share/share?token=${token}`);
  await stranger.sees(stranger.say('share', 'title_gone'));
});

scenario('a poster of photo and work is made and shown', async (phone) => {
  const work = await phone.hasMade();
  await phone.openApp(`/#/pages/job/job?id=${work.id}`);
  await phone.seesResult();
  await phone.tap(phone.say('job', 'share'));
  await phone.tap(phone.say('job', 'poster'));
  const poster = phone.dialog.locator('img');
  await poster.waitFor();
  expect(await poster.evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalHeight > image.naturalWidth))).toBe(true);
});

scenario('all data are deleted after two questions, and a new person begins', async (phone) => {
  await phone.hasMade();
  await phone.goToTab('mine');
  await phone.tap(phone.say('mine', 'erase'));
  await phone.tap(phone.say('mine', 'erase_next'));
  await phone.named('textbox', phone.say('mine', 'erase_phrase_hint')).fill(phone.say('mine', 'erase_phrase'));
  await phone.tap(phone.say('mine', 'erase_yes'));
  await phone.sees(phone.say('mine', 'erased_text'));
  await phone.tap(phone.say('mine', 'erased_ok'));
  await phone.goToTab('works');
  await phone.sees(phone.say('works', 'none_title'));
  expect(await phone.allWorks()).toHaveLength(0);
});
