/**
 * Exact amounts of money (CS-5): fractions of whole numbers, so that sums and shares of decimal rates lose nothing. Rounded
 * where they are written, half to even; as a plain number the nearest double.
 */

/** `Number.prototype.toString` of a finite number. */
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/;
/** More than a double tells apart. */
const DOUBLE_DIGITS = 30;

export class Amount {
  static readonly ZERO: Amount = new Amount(0n, 1n);

  readonly #numerator: bigint;
  /** Above 0. */
  readonly #denominator: bigint;

  private constructor(numerator: bigint, denominator: bigint) {
    this.#numerator = numerator;
    this.#denominator = denominator;
  }

  /** The decimal that a finite number is written as: 0.1 is a tenth. */
  static of(value: number): Amount {
    const match = DECIMAL.exec(String(value));
    if (match === null) throw new RangeError(`an amount is finite: ${value}`);
    const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
    const scale = Number(exponent) - fraction.length;
    const numerator = BigInt(`${sign}${whole}${fraction}`) * 10n ** BigInt(Math.max(0, scale));
    return new Amount(numerator, 10n ** BigInt(Math.max(0, -scale)));
  }

  /** Of a decimal text such as `-1234.50`, with each of its digits. */
  static parse(text: string): Amount {
    const match = /^(-?\d+)(?:\.(\d+))?$/.exec(text);
    if (match === null) throw new RangeError(`no decimal number: ${text.slice(0, 40)}`);
    const [, whole = "", fraction = ""] = match;
    return new Amount(BigInt(`${whole}${fraction}`), 10n ** BigInt(fraction.length));
  }

  plus(other: Amount): Amount {
    if (this.#denominator === other.#denominator) {
      return new Amount(this.#numerator + other.#numerator, this.#denominator);
    }
    const numerator = this.#numerator * other.#denominator + other.#numerator * this.#denominator;
    return new Amount(numerator, this.#denominator * other.#denominator);
  }

  minus(other: Amount): Amount {
    return this.plus(new Amount(-other.#numerator, other.#denominator));
  }

  times(factor: number): Amount {
    const { numerator, denominator } = Amount.of(factor).#fraction;
    return new Amount(this.#numerator * numerator, this.#denominator * denominator);
  }

  /** `divisor`: not 0. */
  over(divisor: number | Amount): Amount {
    const { numerator, denominator } = (divisor instanceof Amount ? divisor : Amount.of(divisor)).#fraction;
    const sign = numerator < 0n ? -1n : 1n;
    return new Amount(this.#numerator * denominator * sign, this.#denominator * numerator * sign);
  }

  /** −1, 0 or 1. */
  get sign(): number {
    return this.#numerator === 0n ? 0 : this.#numerator < 0n ? -1 : 1;
  }

  /** The nearest double. */
  toNumber(): number {
    if (this.#numerator === 0n) return 0;
    const size = this.#numerator < 0n ? -this.#numerator : this.#numerator;
    const missing = DOUBLE_DIGITS + digitsOf(this.#denominator) - digitsOf(size);
    const places = Math.max(0, missing);
    const scaled = size * 10n ** BigInt(places);
    // One digit more says that the rest is not nothing: halfway between two doubles it decides.
    const rest = scaled % this.#denominator === 0n ? "0" : "1";
    return this.sign * Number(`${scaled / this.#denominator}${rest}e-${places + 1}`);
  }

  /** In JSON an amount is an unrounded number, unless it is written as a text before. */
  toJSON(): number {
    return this.toNumber();
  }

  /** With so many decimals, rounded half to even: `1234.50`. */
  toDecimal(places: number): string {
    const size = this.#numerator < 0n ? -this.#numerator : this.#numerator;
    const scaled = size * 10n ** BigInt(places);
    const whole = scaled / this.#denominator;
    const twice = 2n * (scaled % this.#denominator);
    const up = twice > this.#denominator || (twice === this.#denominator && whole % 2n === 1n);
    const units = up ? whole + 1n : whole;
    const digits = units.toString().padStart(places + 1, "0");
    const point = digits.length - places;
    const text = places === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
    return this.#numerator < 0n && units > 0n ? `-${text}` : text;
  }

  get #fraction(): { readonly numerator: bigint; readonly denominator: bigint } {
    return { numerator: this.#numerator, denominator: this.#denominator };
  }
}

function digitsOf(value: bigint): number {
  return value.toString().length;
}
