/** A new `client_key`: the same order keeps it, however often it is sent. */
export function newKey(): string {
  const part = () => Math.random().toString(36).slice(2, 12);
  return `${Date.now().toString(36)}-${part()}-${part()}`;
}
