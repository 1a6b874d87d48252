/**
 * The one job that this phone has under way: from the tap on start until it is looked at.
 *
 * It survives every page, and by the phone's storage the mini program itself. Until the service has taken the order, the
 * order with its key is what is kept; from then on the job's id.
 */
import { whenErased } from '../services/account';
import { AppError } from '../services/errors';
import type { Upload } from '../services/http';
import { lookOf, type Order, type Stylization, stylizations } from '../services/stylizations';
import { draft } from '../store/draft';
import { stored } from '../store/stored';
import type { Following } from './following';
import { newKey } from './key';
import { isCutOff, isOpen, type JobState, jobOf } from './machine';
import { Poller } from './poller';
import { Watched } from './state';

interface Kept {
  id: string | null;
  /** Not yet taken. A photograph of the phone is not kept: its path dies with the program. */
  order: Order | null;
}

const NOTHING: Kept = { id: null, order: null };

const kept = stored<Kept>('live', NOTHING);
const watched = new Watched();

let order: Order | null = null;
let upload: Upload<Stylization> | null = null;
let poller: Poller | null = null;

export const live = {
  get state(): JobState {
    return watched.state;
  },

  get id(): string | null {
    return jobOf(watched.state)?.id ?? kept.get().id;
  },

  subscribe: (listener: (state: JobState) => void) => watched.subscribe(listener),

  /** In place of whatever was live before; that goes on at the service and is found among the works. */
  start(wanted: Order): void {
    leave();
    order = wanted;
    kept.set({ id: null, order: 'path' in wanted.photo ? { ...wanted, photo: { path: '' } } : wanted });
    watched.happened({ kind: 'started' });
    void send(wanted);
  },

  async cancel(): Promise<void> {
    const job = jobOf(watched.state);
    if (!job) return upload?.abort();
    const ended = await stylizations.cancel(job.id);
    if (jobOf(watched.state)?.id !== job.id) return; // another one was started meanwhile
    poller?.stop();
    watched.happened({ kind: 'heard', job: ended });
  },

  /** The same order with the same key where it was never taken, else the same photograph in a new order. */
  retry(): void {
    const { state } = watched;
    const job = jobOf(state);
    if (!job && order) {
      const isStale = state.kind === 'failed' && state.code === 'idempotency_conflict';
      live.start(isStale ? { ...order, clientKey: newKey() } : order);
    } else if (job?.content) {
      live.start({ ...lookOf(job), photo: { pictureId: job.content.id }, clientKey: newKey() });
    }
  },

  /** It has been looked at, or is not wanted any more. */
  clear(): void {
    leave();
    watched.happened({ kind: 'cleared' });
  },

  /** At the start of the program: take up what was under way. */
  recover(): void {
    const { id, order: waiting } = kept.get();
    if (id) {
      begin(new Poller(() => stylizations.find(id), watched.listener)).start();
    } else if (waiting && 'pictureId' in waiting.photo) {
      live.start(waiting);
    } else if (waiting) {
      kept.set(NOTHING);
      watched.happened({ kind: 'refused', error: new AppError('upload_lost') });
    }
  },

  /** In the background nothing is asked. */
  pause(): void {
    poller?.pause();
  },

  resume(): void {
    poller?.resume();
    live.networkIsBack();
  },

  networkIsBack(): void {
    if (isCutOff(watched.state)) live.retry();
  },

  stop(): void {
    leave();
  },
};

live satisfies Following;

whenErased(() => live.clear());

async function send(wanted: Order): Promise<void> {
  const sending = stylizations.create(wanted, (share) => watched.happened({ kind: 'sent', share }));
  upload = sending;
  try {
    const job = await sending.done;
    if (upload === sending) taken(job);
  } catch (error) {
    if (upload !== sending) return;
    upload = null;
    watched.happened({ kind: 'refused', error });
    if (watched.state.kind === 'cancelled') kept.set(NOTHING);
  }
}

function taken(job: Stylization): void {
  upload = null;
  kept.set({ id: job.id, order: null });
  rememberPhoto(job);
  watched.happened({ kind: 'heard', job });
  if (isOpen(watched.state)) begin(new Poller(() => stylizations.find(job.id), watched.listener)).start(job);
}

/** The next look needs no second upload. */
function rememberPhoto({ content }: Stylization): void {
  if (!content) return;
  const { id: pictureId, thumb_url: thumbUrl, width, height } = content;
  draft.set({ ...draft.get(), photo: { pictureId, thumbUrl, width, height } });
}

function begin(begun: Poller): Poller {
  poller?.stop();
  poller = begun;
  return begun;
}

/** What is under way goes on without this phone; an upload does not. */
function leave(): void {
  const sending = upload;
  upload = null;
  sending?.abort();
  poller?.stop();
  poller = null;
  order = null;
  kept.set(NOTHING);
}
