/** The API calls for works (stylizations). */
import { WORKS_PER_PAGE } from '../config';
import { PAGES } from '../paths';
import type { components } from './api-types';
import { codeOf } from './errors';
import { download, get, getPublic, post, postIdempotent, remove, upload, type Upload } from './http';

export type Stylization = components['schemas']['StylizationRead'];
/** The size of the strokes. */
export type Brush = components['schemas']['Brush'];
export type SharedWork = components['schemas']['SharedRead'];

/** How much of the style is applied at each level, from 0 to 1. */
export interface Levels {
  colour: number;
  texture: number;
  structure: number;
}

export interface StyleParameters {
  /** One style, or two to four styles of a mixture. */
  styles: { id: string; weight: number }[];
  /** The style strength; its range is `tau` of `/v1/config`. */
  tau: number;
  keepColor: boolean;
  brush: Brush;
  levels: Levels | null;
}

export interface StylizationRequest extends StyleParameters {
  /** A file on this device, or a picture on the service. */
  photo: { path: string } | { pictureId: string };
  /** The service treats requests with the same key as one request. */
  clientKey: string;
}

export interface WorkQuery {
  /** Part of the title or of the name of a style. */
  q?: string;
  style?: string;
  tauFrom?: number;
  /** Strengths below this one. */
  tauBelow?: number;
  /** ISO 8601 with a time zone. */
  from?: string;
  before?: string;
  favourite?: boolean;
  status?: string;
}

export interface WorkPage {
  items: Stylization[];
  /** The cursor of the next page; null on the last page. */
  next: string | null;
}

export const stylizations = {
  /** `onProgress` receives the share of the upload, from 0 to 1. */
  create(request: StylizationRequest, onProgress?: (share: number) => void): Upload<Stylization> {
    const { photo, clientKey } = request;
    if ('path' in photo) {
      return upload('/v1/stylizations', photo.path, formFieldsOf(request), clientKey, onProgress);
    }
    return postIdempotent('/v1/stylizations', { ...jsonFieldsOf(request), picture_id: photo.pictureId }, clientKey);
  },

  find: (id: string): Promise<Stylization> => get(`/v1/stylizations/${id}`),

  /** Returns the job after the call. A job that ended before it was cancelled is returned as it ended. */
  async cancel(id: string): Promise<Stylization> {
    try {
      return await post(`/v1/stylizations/${id}/cancel`);
    } catch (error) {
      if (codeOf(error) !== 'already_finished') throw error;
      return get(`/v1/stylizations/${id}`);
    }
  },

  search({ q, style, tauFrom, tauBelow, from, before, favourite, status }: WorkQuery, cursor: string | null): Promise<WorkPage> {
    return get<WorkPage>('/v1/stylizations', {
      q,
      style,
      tau_from: tauFrom,
      tau_below: tauBelow,
      created_from: from,
      created_before: before,
      favourite,
      status,
      cursor,
      limit: WORKS_PER_PAGE,
    });
  },

  setFavourite: (id: string, favourite: boolean): Promise<Stylization> => post(`/v1/stylizations/${id}`, { favourite }),

  setTitle: (id: string, title: string): Promise<Stylization> => post(`/v1/stylizations/${id}`, { title }),

  remove: (id: string): Promise<void> => remove(`/v1/stylizations/${id}`),

  /** Possible within ten minutes of the removal. */
  restore: (id: string): Promise<Stylization> => post(`/v1/stylizations/${id}/restore`),

  /** Creates a public link; `path` opens it in the mini program. */
  async share(id: string): Promise<{ token: string; path: string }> {
    const { token } = await post<components['schemas']['ShareRead']>(`/v1/stylizations/${id}/share`);
    return { token, path: sharePath(token) };
  },

  unshare: (id: string): Promise<void> => remove(`/v1/stylizations/${id}/share`),

  shared: (token: string): Promise<SharedWork> => getPublic(`/v1/share/${encodeURIComponent(token)}`),

  /** Requests a subscribe message for the end of the job. The user has to have accepted the template. */
  notify: (id: string, templateId: string): Promise<void> => post(`/v1/stylizations/${id}/notify`, { template_id: templateId }),

  /** Downloads the poster and returns the path of the file. */
  poster: (id: string, theme: 'light' | 'dark'): Promise<string> => download(`/v1/stylizations/${id}/poster.jpg?theme=${theme}`),
};

/** Whether the job is queued or running. */
export function isUnfinished({ status }: { status: string }): boolean {
  return status === 'queued' || status === 'running';
}

/** The address of the page of a shared work. */
export function sharePath(token: string): string {
  return `${PAGES.share}?token=${token}`;
}

/** The parameters that a work was made with. */
export function parametersOfWork({ style, styles, tau, keep_color: keepColor, brush, levels }: Stylization): StyleParameters {
  return { styles: styles ?? [{ id: style.id, weight: 1 }], tau, keepColor, brush, levels };
}

function jsonFieldsOf({ styles, tau, keepColor, brush, levels }: StyleParameters): Record<string, unknown> {
  const [first, ...others] = styles;
  return {
    ...(others.length ? { styles } : { style_id: first?.id }),
    tau,
    keep_color: keepColor,
    brush,
    ...(levels ? { levels } : {}),
  };
}

/** The same fields for a multipart form, which holds only strings. */
function formFieldsOf({ styles, tau, keepColor, brush, levels }: StyleParameters): Record<string, string> {
  const [first, ...others] = styles;
  return {
    ...(others.length ? { styles: JSON.stringify(styles) } : { style_id: first?.id ?? '' }),
    tau: String(tau),
    keep_color: keepColor ? '1' : '0',
    brush,
    ...(levels ? { levels: JSON.stringify(levels) } : {}),
  };
}
