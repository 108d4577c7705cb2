import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addressesIn } from "./roles-file.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "oee-roles-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function fileOf(text: string): Promise<string> {
  const file = join(folder, "roles.yaml");
  await writeFile(file, text);
  return file;
}

test("OW-2: the roles file gives each role its addresses", async () => {
  const file = await fileOf(`
url: https://oee.example.org
mail: { server: "smtp://oee:pass@mail.example.org:587", from: "Open OEE <oee@example.org>" }
roles:
  maintenance:
    - email: anna@example.org
    - { webhook: "https://hooks.example.org/abc", secret: 0123456789abcdef }
  boss: []
`);
  const { roles, mail, url } = addressesIn(file);
  expect([...roles]).toEqual([
    [
      "maintenance",
      [
        { by: "email", to: "anna@example.org" },
        { by: "webhook", to: "https://hooks.example.org/abc", secret: "0123456789abcdef" },
      ],
    ],
    ["boss", []],
  ]);
  expect([mail, url]).toEqual([
    { url: "smtp://oee:pass@mail.example.org:587", from: "Open OEE <oee@example.org>" },
    "https://oee.example.org",
  ]);
});

test.each([
  ["- a", "the file: found"],
  ["people: {}", 'people: found "people", expected one of roles, mail, url'],
  ["roles: { m: anna }", 'roles.m: found "anna", expected a list of email and webhook'],
  ["roles: { m: [{ email: anna }] }", 'roles.m[0]: found "anna", expected an address such as a@example.org'],
  ["roles: { m: [{ email: a@b.c }] }", "mail: found nothing, expected server and from"],
  [
    "roles: { m: [{ webhook: 'ftp://x' }] }",
    'roles.m[0]: found "ftp://x", expected an address that begins with https://',
  ],
  [
    "roles: { m: [{ webhook: 'https://x', secret: short }] }",
    'roles.m[0]: found "…", expected a secret of at least 16',
  ],
  ["roles: { m: [{ phone: 1 }] }", 'roles.m[0]: found "phone", expected email, or webhook and secret'],
  ["mail: { server: 'http://u:p@h', from: a@b }", 'mail.server: found "…", expected smtp://'],
  ["url: oee", 'url: found "oee", expected an address such as https://'],
])("OW-2: %s is refused with what was expected", async (text, message) => {
  const file = await fileOf(text);
  expect(() => addressesIn(file)).toThrow(message);
});
