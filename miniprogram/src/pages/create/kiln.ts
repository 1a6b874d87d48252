/** Puts an order into the kiln. There is one for each phone, so a work that is still in it is asked about first. */
import { t } from '../../i18n/index';
import { live } from '../../jobs/live';
import { isOpen, type JobState, jobOf } from '../../jobs/machine';
import { type Order, stylizations } from '../../services/stylizations';

export const LIVE_PAGE = '/pages/job/job';

const LONG_WAIT_S = 20;

/** Whether it was put in; else the person would rather follow the one that is there. */
export async function fire(order: Order, templates: string[] = []): Promise<boolean> {
  if (isOpen(live.state) && (await ratherFollows(live.state))) return false;
  live.start(order);
  if (templates.length) tellWhenDone(templates);
  return true;
}

/** A wait in which people put the phone away, as far as the work under way lets it be known: what comes now is behind it. */
export function isLongWait(state: JobState): boolean {
  return isOpen(state) && (jobOf(state)?.eta_s ?? 0) > LONG_WAIT_S;
}

/** Where the work is shown; its photograph can be seen there before the service has taken the order. */
export function pageOf(picture: string): string {
  return `${LIVE_PAGE}?photo=${encodeURIComponent(picture)}`;
}

/** The service can be asked for a message once it has taken the order; without the message nothing is lost. */
function tellWhenDone(templates: string[]): void {
  const stop = live.subscribe((state) => {
    const job = jobOf(state);
    if (job) templates.forEach((template) => void stylizations.notify(job.id, template).catch(() => undefined));
    if (job || !isOpen(state)) stop();
  });
}

/** Going back to it is the answer of the back button as well: nothing is stopped by accident. */
async function ratherFollows(state: JobState): Promise<boolean> {
  const { confirm } = await wx.showModal({
    title: t('create.open_title'),
    content: t(state.kind === 'uploading' ? 'create.open_uploading' : 'create.open_text'),
    confirmText: t('create.open_new'),
    cancelText: t('create.open_follow'),
  });
  return !confirm;
}
