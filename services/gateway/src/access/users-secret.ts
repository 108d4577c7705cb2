/**
 * The secrets of an installation, in a file apart from the users file and the log: whoever has only these two can neither
 * guess passwords by their digests nor read the keys of second factors. The file has one secret a line: new digests and keys
 * are made with the first, those that were made with another line's secret still count.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

const SECRET_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;

export interface UsersSecret {
  /** Names the secret in digests and keys that were made with it; the secret cannot be found from it. */
  readonly id: string;
  /** Key that argon2id takes as its secret. */
  readonly forPasswords: Buffer;
  /** Key of AES-256-GCM, for the keys of second factors. */
  readonly forKeys: Buffer;
}

export class UsersSecrets {
  readonly newest: UsersSecret;
  readonly #byId: ReadonlyMap<string, UsersSecret>;

  constructor(newest: UsersSecret, others: readonly UsersSecret[]) {
    this.newest = newest;
    this.#byId = new Map([...others, newest].map((secret) => [secret.id, secret]));
  }

  byId(id: string): UsersSecret | null {
    return this.#byId.get(id) ?? null;
  }

  /** Encrypts a text. Only `open` with the same `about`, such as the person whom the text belongs to, decrypts it. */
  seal(text: string, about: string): string {
    const { id, forKeys } = this.newest;
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv("aes-256-gcm", forKeys, iv).setAAD(Buffer.from(about));
    const sealed = Buffer.concat([iv, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return `${id}:${sealed.toString("base64url")}`;
  }

  /** Decrypts a sealed text; `null`: its secret is not there, `about` is another, or the text was changed. */
  open(sealed: string, about: string): string | null {
    const colon = sealed.indexOf(":");
    const secret = this.byId(sealed.slice(0, Math.max(0, colon)));
    const bytes = Buffer.from(sealed.slice(colon + 1), "base64url");
    if (secret === null || bytes.length < IV_BYTES + TAG_BYTES) return null;
    const decipher = createDecipheriv("aes-256-gcm", secret.forKeys, bytes.subarray(0, IV_BYTES));
    decipher.setAAD(Buffer.from(about)).setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
    try {
      const text = decipher.update(bytes.subarray(IV_BYTES, bytes.length - TAG_BYTES));
      return Buffer.concat([text, decipher.final()]).toString("utf8");
    } catch {
      return null;
    }
  }
}

/** A new random secret, as a line of the file. */
export function newUsersSecret(): string {
  return `${randomBytes(SECRET_BYTES).toString("base64url")}\n`;
}

/** The secrets of the file's text. Throws an `Error` that says what was expected and quotes nothing of what was found. */
export function readUsersSecrets(text: string): UsersSecrets {
  const [first, ...others] = text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "")
    .map((line, i) => {
      const plain = line.trim();
      const bytes = Buffer.from(plain, "base64url");
      if (bytes.length === SECRET_BYTES && bytes.toString("base64url") === plain) return secretOf(bytes);
      throw new Error(`line ${i + 1}: expected a secret of ${SECRET_BYTES} bytes as \`oee user secret\` makes it`);
    });
  if (first === undefined) throw new Error("expected a secret a line, as `oee user secret` makes it");
  return new UsersSecrets(first, others);
}

function secretOf(bytes: Buffer): UsersSecret {
  const derived = (what: string, length: number): Buffer =>
    Buffer.from(hkdfSync("sha256", bytes, Buffer.alloc(0), `open-oee users ${what}`, length));
  return {
    id: derived("id", 6).toString("hex"),
    forPasswords: derived("passwords", 32),
    forKeys: derived("keys", 32),
  };
}
