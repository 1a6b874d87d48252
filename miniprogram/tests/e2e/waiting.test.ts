/** While a work is under way: it can be left, found again and called off. */

import { scenario, useBrowser } from './scenario';

useBrowser();

scenario('a work that waits in line is called off', async (phone, { worker }) => {
  worker.hold();
  await phone.startsWork();
  await phone.sees(phone.pattern('job', 'place_next'));
  await phone.callOff();
  await phone.sees(phone.say('job', 'cancelled_title'));

  expect((await phone.newestWork()).status).toBe('cancelled');
});

scenario('a work that is being fired is called off', async (phone, { worker }) => {
  await phone.startsWork('large.jpg');
  await phone.waitForStatus('running');
  worker.hold();
  await phone.sees(phone.pattern('job', 'done_share'));
  await phone.callOff();
  await phone.confirmsCallOff();
  await phone.sees(phone.say('job', 'cancelled_title'));
  worker.release();

  expect((await phone.newestWork()).status).toBe('cancelled');
});

scenario('in the background nothing is asked, and on return at once', async (phone, { worker }) => {
  worker.hold();
  await phone.startsWork();
  await phone.sees(phone.pattern('job', 'place_next'));
  await phone.leaveForAnotherApp();
  await phone.isQuiet();
  const asked = phone.requestsTo('GET', /stylizations\/stl_/).length;
  worker.release();
  await phone.waitForStatus('done');
  expect(phone.requestsTo('GET', /stylizations\/stl_/)).toHaveLength(asked);

  await phone.comeBack();
  await phone.seesResult();
});

scenario('the work under way is found again after the app was closed', async (phone, { worker }) => {
  worker.hold();
  await phone.startsWork();
  await phone.sees(phone.pattern('job', 'place_next'));
  await phone.reopenApp();
  await phone.tap(phone.say('create', 'current_job_back'));
  await phone.sees(phone.pattern('job', 'place_next'));

  worker.release();
  await phone.seesResult();
});
