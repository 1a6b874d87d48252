/**
 * The one job that this device has in progress, from the tap on start until its result has been viewed.
 *
 * It outlives the pages, and through the storage also the mini program. Until the service has accepted the request, the
 * request with its key is stored; after that, the id of the job.
 */
import { AppError } from '../services/errors';
import type { Upload } from '../services/http';
import { parametersOfWork, type Stylization, type StylizationRequest, stylizations } from '../services/stylizations';
import { draft, uploadedPhotoOf } from '../store/draft';
import { onLocalDataCleared, storedValue } from '../store/stored-value';
import { newClientKey } from './client-key';
import { isCutOff, isOpen, type JobState, jobOf } from './job-state';
import { JobStore } from './job-store';
import { Poller } from './poller';
import type { TrackedJob } from './tracked-job';

/** The stored form. The key `live` and the field names stay as they are, so that an update of the app can read them. */
interface SavedJob {
  id: string | null;
  /** The request that the service has not accepted yet. The path of a local file is not stored: it is invalid after a restart. */
  order: StylizationRequest | null;
}

const NO_JOB: SavedJob = { id: null, order: null };

const saved = storedValue<SavedJob>('live', NO_JOB);
const store = new JobStore();

let request: StylizationRequest | null = null;
let upload: Upload<Stylization> | null = null;
let poller: Poller | null = null;

export const currentJob = {
  get state(): JobState {
    return store.state;
  },

  get id(): string | null {
    return jobOf(store.state)?.id ?? saved.get().id;
  },

  subscribe: (listener: (state: JobState) => void) => store.subscribe(listener),

  /** Replaces the current job. The previous one continues on the service and appears in the history. */
  start(newRequest: StylizationRequest): void {
    release();
    request = newRequest;
    saved.set({ id: null, order: 'path' in newRequest.photo ? { ...newRequest, photo: { path: '' } } : newRequest });
    store.dispatch({ kind: 'started' });
    void send(newRequest);
  },

  async cancel(): Promise<void> {
    const job = jobOf(store.state);
    if (!job) return upload?.abort();
    const cancelled = await stylizations.cancel(job.id);
    if (jobOf(store.state)?.id !== job.id) return; // another job was started in the meantime
    poller?.stop();
    store.dispatch({ kind: 'received', job: cancelled });
  },

  /** Sends the same request with the same key if the service never accepted it; otherwise a new request with the same photo. */
  retry(): void {
    const { state } = store;
    const job = jobOf(state);
    if (!job && request) {
      const isKeyUsed = state.kind === 'failed' && state.code === 'idempotency_conflict';
      currentJob.start(isKeyUsed ? { ...request, clientKey: newClientKey() } : request);
    } else if (job?.content) {
      currentJob.start({ ...parametersOfWork(job), photo: { pictureId: job.content.id }, clientKey: newClientKey() });
    }
  },

  /** Removes the job, for example when its result has been viewed. */
  clear(): void {
    release();
    store.dispatch({ kind: 'cleared' });
  },

  /** Continues the stored job when the app starts. */
  recover(): void {
    const { id, order: pending } = saved.get();
    if (id) {
      replacePoller(new Poller(() => stylizations.find(id), store.pollerListener)).start();
    } else if (pending && 'pictureId' in pending.photo) {
      currentJob.start(pending);
    } else if (pending) {
      saved.set(NO_JOB);
      store.dispatch({ kind: 'rejected', error: new AppError('upload_lost') });
    }
  },

  /** Stops polling while the app is in the background. */
  pause(): void {
    poller?.pause();
  },

  /** Polls again, and repeats an upload that was cut off. */
  resume(): void {
    poller?.resume();
    currentJob.retryIfCutOff();
  },

  retryIfCutOff(): void {
    if (isCutOff(store.state)) currentJob.retry();
  },

  stop(): void {
    release();
  },
};

currentJob satisfies TrackedJob;

onLocalDataCleared(() => currentJob.clear());

async function send(newRequest: StylizationRequest): Promise<void> {
  const sending = stylizations.create(newRequest, (share) => store.dispatch({ kind: 'progressed', share }));
  upload = sending;
  try {
    const job = await sending.done;
    if (upload === sending) accept(job);
  } catch (error) {
    if (upload !== sending) return;
    upload = null;
    store.dispatch({ kind: 'rejected', error });
    if (store.state.kind === 'cancelled') saved.set(NO_JOB);
  }
}

function accept(job: Stylization): void {
  upload = null;
  saved.set({ id: job.id, order: null });
  rememberPhoto(job);
  store.dispatch({ kind: 'received', job });
  if (isOpen(store.state)) replacePoller(new Poller(() => stylizations.find(job.id), store.pollerListener)).start(job);
}

/** Puts the uploaded photo into the draft, so that the next request needs no second upload. */
function rememberPhoto(job: Stylization): void {
  const photo = uploadedPhotoOf(job);
  if (photo) draft.set({ ...draft.get(), photo });
}

function replacePoller(newPoller: Poller): Poller {
  poller?.stop();
  poller = newPoller;
  return newPoller;
}

/** Stops polling and aborts an upload. A job that the service has accepted continues there. */
function release(): void {
  const sending = upload;
  upload = null;
  sending?.abort();
  poller?.stop();
  poller = null;
  request = null;
  saved.set(NO_JOB);
}
