/** From a photo to a work. */

import { readFileSync } from 'node:fs';

import { NIXI, type Style } from './phone';
import { pictures } from './pictures';
import { scenario, useBrowser } from './scenario';

useBrowser();

scenario('a photo becomes black pottery, is compared, saved, and found again among the works', async (phone) => {
  await phone.hasPhoto('fine.jpg');
  await phone.chooseStyle('尼西黑陶');
  await phone.start();
  await phone.seesResult();

  await phone.compareAt(0.25);
  expect(Number(await phone.compare.getAttribute('aria-valuenow'))).toBeCloseTo(25, -1);
  await phone.compareAt(0.8);
  expect(Number(await phone.compare.getAttribute('aria-valuenow'))).toBeCloseTo(80, -1);

  await phone.hasAllowedTheAlbum();
  const saved = await phone.saveToAlbum();
  expect(readFileSync(await saved.path()).subarray(0, 2).toString('hex')).toBe('ffd8');
  await phone.isTold(phone.say('job', 'saved'));

  await phone.openApp();
  await phone.goToTab('works');
  await phone.openWork('尼西黑陶');
  await phone.seesResult();
  expect((await phone.workInView()).style.id).toBe(NIXI);
});

scenario('a picture of one’s own becomes a style, and a work is made with it', async (phone) => {
  await phone.hasPhoto();
  await phone.tap(phone.say('create', 'own_card'));
  await phone.givesFile(pictures('stripes.png'), () => phone.tap(phone.say('styles', 'add_album')));
  await phone.named('textbox', phone.say('styles', 'name_label')).fill('蓝白条纹');
  await phone.tap(phone.say('styles', 'add_go'));
  await phone.styleCard('蓝白条纹').waitFor();
  await phone.start();
  await phone.seesResult();

  const work = await phone.newestWork();
  const own = await phone.ask<Style>(`/v1/styles/${work.style.id}`);
  expect(own).toMatchObject({ kind: 'own', name: { zh: '蓝白条纹' }, status: 'ready' });
});

scenario('at strength 0 the photo stays as it was', async (phone) => {
  await phone.hasPhoto();
  await phone.chooseStyle('尼西黑陶');
  await phone.setStrength(0);
  await phone.sees(phone.say('create', 'tau_none'));
  await phone.start();
  await phone.seesResult();

  const work = await phone.newestWork();
  expect(work.tau).toBe(0);
  expect(await phone.differenceBetween(work.content?.url, work.result?.url)).toBeLessThan(8);
});

scenario('at strength 1 the photo is a different picture', async (phone) => {
  await phone.hasPhoto();
  await phone.chooseStyle('尼西黑陶');
  await phone.setStrength(1);
  await phone.start();
  await phone.seesResult();

  const work = await phone.newestWork();
  expect(work.tau).toBe(1);
  expect(await phone.differenceBetween(work.content?.url, work.result?.url)).toBeGreaterThan(15);
});

scenario('two styles are mixed in the proportion that was set', async (phone) => {
  await phone.hasPhoto();
  await phone.chooseStyle('尼西黑陶');
  await phone.switchOn(phone.say('create', 'mix'));
  await phone.chooseStyle('青花瓷');
  await phone.slide(phone.say('create', 'mix_balance'), 0.3);
  const second = await phone.sliderValue(phone.say('create', 'mix_balance'));
  await phone.start();
  await phone.seesResult();

  const { styles } = await phone.newestWork();
  expect(styles?.map(({ id }) => id).sort()).toEqual(['blue-and-white-porcelain', NIXI]);
  expect(styles?.find(({ id }) => id !== NIXI)?.weight).toBeCloseTo(second, 1);
});

scenario('the same photo is fired again with another strength, without a second upload', async (phone) => {
  await phone.startsWork();
  await phone.seesResult();
  await phone.tap(phone.say('job', 'rerun'));
  await phone.setStrength(0.5);
  const tau = await phone.sliderValue(phone.say('create', 'tau'));
  await phone.tap(phone.say('job', 'rerun_start'));
  await phone.waitForWorks(2);
  await phone.seesResult();

  const [second, first] = await phone.allWorks();
  expect(second?.tau).toBe(tau);
  expect(second?.content?.id).toBe(first?.content?.id);
  const uploads = phone.requestsTo('POST', /stylizations$/).filter((request) => /multipart/.test(request.headers()['content-type'] ?? ''));
  expect(uploads).toHaveLength(1);
});

scenario('a picture of a chat, opened with the mini program, lies ready to be fired', async (phone) => {
  await phone.page.route(({ pathname }) => pathname === '/from-the-chat.jpg', (route) => route.fulfill({ path: pictures('photo.jpg') }));
  await phone.openApp('/?scene=1173&picture=/from-the-chat.jpg');
  await phone.named('img', phone.say('create', 'photo_alt')).waitFor();
  await phone.chooseStyle('尼西黑陶');
  await phone.start();
  await phone.seesResult();
});

scenario('who refuses the privacy guidelines is told so, and asked again the next time', async (phone) => {
  await phone.tap(phone.say('create', 'photo_album'));
  await phone.refuse();
  await phone.sees(phone.say('errors', 'privacy_refused'));

  await phone.tap(phone.say('create', 'photo_album'));
  await phone.givesFile(pictures('photo.jpg'), () => phone.agree());
  await phone.named('img', phone.say('create', 'photo_alt')).waitFor();
}, { agreed: false });
