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
  /** A token that was over when it came: then the clock says nothing, and a token holds until it is refused. */
  private isClockWrong = false;

  constructor(
    private readonly kept: Stored<Token | null>,
    private readonly login: () => Promise<Token>,
    private readonly now: () => number = Date.now,
  ) {}

  /** One that holds; whoever asks while a login is under way shares it. */
  async token(): Promise<Token> {
    const kept = this.kept.get();
    if (kept && (this.isClockWrong || !this.isOver(kept))) return kept;
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
    this.isClockWrong = this.isOver(token);
    this.kept.set(token);
    return token;
  }

  private isOver({ expires_at }: Token): boolean {
    return Date.parse(expires_at) - EARLY_MS <= this.now();
  }
}
