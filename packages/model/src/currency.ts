/** Minor units of currencies: how many decimals their amounts have (ISO 4217, list one). */

const MINOR_UNITS: Readonly<Record<string, number>> = {
  ...decimals(0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
  ...decimals(3, "BHD IQD JOD KWD LYD OMR TND"),
  ...decimals(4, "CLF UYW"),
};

/** Decimals of an amount of a currency: 2 for most, and where no currency is named. */
export function minorUnitOf(currency: string | null): number {
  return currency !== null && Object.hasOwn(MINOR_UNITS, currency) ? (MINOR_UNITS[currency] as number) : 2;
}

function decimals(count: number, currencies: string): Record<string, number> {
  return Object.fromEntries(currencies.split(" ").map((currency) => [currency, count]));
}
