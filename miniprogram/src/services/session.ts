/** The login: silent, once at a time, renewed when it has ended. */
import type { Stored } from '../store/stored';

export interface Token {
  token: string;
  /** ISO 8601. */
  expires_at: string;
  user: { id: string };
}

const EARLY_MS = 60_000; // a token that ends while a photograph is on its way helps nobody

export class Session {
  private loggingIn: Promise<Token> | null = null;
  /** Of this run of the program. It is trusted until it is refused, for the phone's clock may be wrong. */
  private own = '';

  constructor(
    private readonly kept: Stored<Token | null>,
    private readonly login: () => Promise<Token>,
    private readonly now: () => number = Date.now,
  ) {}

  /** One that holds; whoever asks while a login is under way shares it. */
  async token(): Promise<Token> {
    const kept = this.kept.get();
    if (kept && (kept.token === this.own || Date.parse(kept.expires_at) - EARLY_MS > this.now())) return kept;
    this.loggingIn ??= this.login().then(
      (token) => this.end(token),
      (error: unknown) => {
        this.loggingIn = null;
        throw error;
      },
    );
    return this.loggingIn;
  }

  /** The service refused this token. One that has been renewed since is kept. */
  refused(token: Token): void {
    if (this.kept.get()?.token === token.token) this.forget();
  }

  forget(): void {
    this.kept.set(null);
  }

  private end(token: Token): Token {
    this.loggingIn = null;
    this.own = token.token;
    this.kept.set(token);
    return token;
  }
}
