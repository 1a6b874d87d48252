/** The content of a style in the components that list styles. */
export interface StyleItem {
  id: string;
  name: string;
  thumb: string;
  /** Whether the style belongs to the user. */
  own: boolean;
  status: 'preparing' | 'ready' | 'failed';
}
