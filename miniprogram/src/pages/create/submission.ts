/** Submits a request. A device has one current job, so the user is asked before an open job is replaced. */
import { t } from '../../i18n/index';
import { currentJob } from '../../jobs/current-job';
import { isOpen, type JobState, jobOf } from '../../jobs/job-state';
import { PAGES } from '../../paths';
import { type StylizationRequest, stylizations } from '../../services/stylizations';

const LONG_WAIT_S = 20;

/** Starts the request. Returns false if the user prefers to stay with the current job. */
export async function submit(request: StylizationRequest, templates: string[] = []): Promise<boolean> {
  if (isOpen(currentJob.state) && (await prefersCurrentJob(currentJob.state))) return false;
  currentJob.start(request);
  if (templates.length) requestMessages(templates);
  return true;
}

/** Whether a job that starts now waits so long that the user may leave the app. It waits behind the current job. */
export function isLongWait(state: JobState): boolean {
  return isOpen(state) && (jobOf(state)?.eta_s ?? 0) > LONG_WAIT_S;
}

/** The address of the job page. It shows this photo until the service has accepted the request. */
export function jobPageUrl(photo: string): string {
  return `${PAGES.job}?photo=${encodeURIComponent(photo)}`;
}

/** Requests the messages as soon as the service has accepted the job. Failures are ignored: the job does not depend on them. */
function requestMessages(templates: string[]): void {
  const unsubscribe = currentJob.subscribe((state) => {
    const job = jobOf(state);
    if (job) templates.forEach((template) => void stylizations.notify(job.id, template).catch(() => undefined));
    if (job || !isOpen(state)) unsubscribe();
  });
}

/** The back button counts as "view the current job", so that no job is replaced by accident. */
async function prefersCurrentJob(state: JobState): Promise<boolean> {
  const { confirm } = await wx.showModal({
    title: t('create.open_title'),
    content: t(state.kind === 'uploading' ? 'create.open_uploading' : 'create.open_text'),
    confirmText: t('create.open_new'),
    cancelText: t('create.open_follow'),
  });
  return !confirm;
}
