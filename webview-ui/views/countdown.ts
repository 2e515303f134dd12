import { AsyncDirective, directive } from 'lit/async-directive.js';

type Text = (left: string) => string;

/** Minutes and seconds until a moment; draws itself again each second, and nothing else. */
class Countdown extends AsyncDirective {
  #timer = 0;
  #expiresAt = 0;
  #text: Text = (left) => left;

  override render(expiresAt: number, text: Text): string {
    this.#expiresAt = expiresAt;
    this.#text = text;
    if (this.isConnected) this.#start();
    return this.#now();
  }

  protected override disconnected(): void {
    window.clearInterval(this.#timer);
  }

  protected override reconnected(): void {
    this.#start();
  }

  #start(): void {
    window.clearInterval(this.#timer);
    this.#timer = window.setInterval(() => this.setValue(this.#now()), 1000);
  }

  #now(): string {
    const seconds = Math.floor((this.#expiresAt - Date.now()) / 1000);
    if (seconds <= 0) return this.#text('');
    return this.#text(`${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`);
  }
}

export const countdown = directive(Countdown);
