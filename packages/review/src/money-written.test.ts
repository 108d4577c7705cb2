import { Amount } from "@oee/answers";
import { expect, test } from "vitest";
import { withMoney } from "./money-written.ts";

const document = {
  cost: Amount.of(1234.565),
  bars: [
    { cost: null, time: 1.5 },
    { cost: Amount.of(-0.5), time: 2 },
  ],
};

test("CS-5: amounts anywhere are texts of the currency's minor unit, other numbers stay", () => {
  const bars = [
    { cost: null, time: 1.5 },
    { cost: "-0.50", time: 2 },
  ];
  expect(withMoney(document, "EUR")).toEqual({ cost: "1234.56", bars, currency: "EUR" });
  expect(withMoney(document, "JPY")).toMatchObject({ cost: "1235", currency: "JPY" });
  expect(withMoney(document, "BHD")).toMatchObject({ cost: "1234.565" });
  expect(withMoney(document, null)).toMatchObject({ cost: "1234.56", currency: null });
});

test("CS-5: as JSON of the command line they are numbers, unrounded", () => {
  expect(JSON.parse(JSON.stringify(document))).toMatchObject({ cost: 1234.565, bars: [{}, { cost: -0.5 }] });
});
