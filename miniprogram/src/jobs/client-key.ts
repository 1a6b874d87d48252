/** Returns a new `client_key`. The service treats requests with the same key as one request. */
export function newClientKey(): string {
  const part = () => Math.random().toString(36).slice(2, 12);
  return `${Date.now().toString(36)}-${part()}-${part()}`;
}
