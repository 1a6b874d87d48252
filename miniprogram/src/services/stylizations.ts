/** Works: ordered, followed, found again, kept, shared and thrown away. */
import { WORKS_A_PAGE } from '../config';
import type { components } from './api-types';
import { codeOf } from './errors';
import { download, get, getPublic, order, post, remove, upload, type Upload } from './http';

export type Stylization = components['schemas']['StylizationRead'];
export type Shared = components['schemas']['SharedRead'];

/** Shares of the strength, 0 to 1, for what is small, middle and large in a style. */
export interface Levels {
  colour: number;
  texture: number;
  structure: number;
}

/** How a photograph is to look. */
export interface Look {
  /** One, or 2 to 4 that are mixed. */
  styles: { id: string; weight: number }[];
  /** 0 to 1.5. */
  tau: number;
  keepColor: boolean;
  levels: Levels | null;
}

export interface Order extends Look {
  /** A file of this phone, or a picture that the service has. */
  photo: { path: string } | { pictureId: string };
  /** The same key is the same order, however often it is sent. */
  clientKey: string;
}

export interface Search {
  /** In the title. */
  q?: string;
  style?: string;
  tauFrom?: number;
  tauTo?: number;
  /** ISO 8601, with a zone. */
  from?: string;
  before?: string;
  favourite?: boolean;
  status?: string;
}

export const stylizations = {
  /** `onProgress` hears the share of the upload, 0 to 1. */
  create(wanted: Order, onProgress?: (share: number) => void): Upload<Stylization> {
    const { photo, clientKey } = wanted;
    if ('path' in photo) {
      return upload('/v1/stylizations', photo.path, fieldsOf(wanted), clientKey, onProgress);
    }
    return order('/v1/stylizations', { ...valuesOf(wanted), picture_id: photo.pictureId }, clientKey);
  },

  find: (id: string): Promise<Stylization> => get(`/v1/stylizations/${id}`),

  /** As it is afterwards: one that was quicker than the tap is what it became. */
  async cancel(id: string): Promise<Stylization> {
    try {
      return await post(`/v1/stylizations/${id}/cancel`);
    } catch (error) {
      if (codeOf(error) !== 'already_finished') throw error;
      return get(`/v1/stylizations/${id}`);
    }
  },

  search({ q, style, tauFrom, tauTo, from, before, favourite, status }: Search, cursor: string | null) {
    return get<{ items: Stylization[]; next: string | null }>('/v1/stylizations', {
      q,
      style,
      tau_from: tauFrom,
      tau_to: tauTo,
      created_from: from,
      created_before: before,
      favourite,
      status,
      cursor,
      limit: WORKS_A_PAGE,
    });
  },

  setFavourite: (id: string, favourite: boolean): Promise<Stylization> => post(`/v1/stylizations/${id}`, { favourite }),

  setTitle: (id: string, title: string): Promise<Stylization> => post(`/v1/stylizations/${id}`, { title }),

  remove: (id: string): Promise<void> => remove(`/v1/stylizations/${id}`),

  /** Within ten minutes of its removal. */
  restore: (id: string): Promise<Stylization> => post(`/v1/stylizations/${id}/restore`),

  /** A link for anybody; `path` opens it in the mini program. */
  async share(id: string): Promise<{ token: string; path: string }> {
    const { token } = await post<components['schemas']['ShareRead']>(`/v1/stylizations/${id}/share`);
    return { token, path: `/pages/share/share?token=${token}` };
  },

  unshare: (id: string): Promise<void> => remove(`/v1/stylizations/${id}/share`),

  shared: (token: string): Promise<Shared> => getPublic(`/v1/share/${encodeURIComponent(token)}`),

  /** Have a subscribe message sent at the end, to which the user has agreed. */
  notify: (id: string, templateId: string): Promise<void> => post(`/v1/stylizations/${id}/notify`, { template_id: templateId }),

  /** To a local file, whose path is given. */
  poster: (id: string, theme: 'light' | 'dark'): Promise<string> => download(`/v1/stylizations/${id}/poster?theme=${theme}`),
};

/** How a work was made: to make it once more. */
export function lookOf({ style, styles, tau, keep_color: keepColor, levels }: Stylization): Look {
  return { styles: styles ?? [{ id: style.id, weight: 1 }], tau, keepColor, levels };
}

function valuesOf({ styles, tau, keepColor, levels }: Look): Record<string, unknown> {
  const [first, ...others] = styles;
  return {
    ...(others.length ? { styles } : { style_id: first?.id }),
    tau,
    keep_color: keepColor,
    ...(levels ? { levels } : {}),
  };
}

/** The same as a form carries it: strings alone. */
function fieldsOf({ styles, tau, keepColor, levels }: Look): Record<string, string> {
  const [first, ...others] = styles;
  return {
    ...(others.length ? { styles: JSON.stringify(styles) } : { style_id: first?.id ?? '' }),
    tau: String(tau),
    keep_color: keepColor ? '1' : '0',
    ...(levels ? { levels: JSON.stringify(levels) } : {}),
  };
}
