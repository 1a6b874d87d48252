/** The login: without user interaction, at most one at a time, renewed when it has expired. */
import type { StoredValue } from '../store/stored-value';

export interface Token {
  token: string;
  /** ISO 8601. */
  expires_at: string;
  user: { id: string };
}

/** A token is renewed this long before it expires, so that it does not expire during an upload. */
const RENEWAL_MARGIN_MS = 60_000;

export class Session {
  private pendingLogin: Promise<Token> | null = null;
  /** A new token looked expired, so the clock of the device is wrong. Tokens are then used until the service rejects them. */
  private isClockWrong = false;

  constructor(
    private readonly saved: StoredValue<Token | null>,
    private readonly login: () => Promise<Token>,
    private readonly now: () => number = Date.now,
  ) {}

  /** Returns a valid token. Calls during a login share that login. */
  async token(): Promise<Token> {
    const saved = this.saved.get();
    if (saved && (this.isClockWrong || !this.isExpired(saved))) return saved;
    this.pendingLogin ??= this.login().then(
      (token) => this.finishLogin(token),
      (error: unknown) => {
        this.pendingLogin = null;
        throw error;
      },
    );
    return this.pendingLogin;
  }

  /** Discards a token that the service rejected, unless it has been renewed since. */
  invalidate(token: Token): void {
    if (this.saved.get()?.token === token.token) this.saved.set(null);
  }

  private finishLogin(token: Token): Token {
    this.pendingLogin = null;
    this.isClockWrong = this.isExpired(token);
    this.saved.set(token);
    return token;
  }

  private isExpired({ expires_at }: Token): boolean {
    return Date.parse(expires_at) - RENEWAL_MARGIN_MS <= this.now();
  }
}
