/** The name of the person who makes entries, as the audit will show it. Kept in the browser; without one it is "tablet". */
const KEY = "oee.by";
export const NOBODY = "tablet";

export function whoIs(): string {
  return localStorage.getItem(KEY) ?? "";
}

export function changeWho(name: string): void {
  localStorage.setItem(KEY, name);
}

export function whoEnters(): string {
  const name = whoIs().trim();
  return name === "" ? NOBODY : name;
}

/** At a sign-out. */
export function forgetWho(): void {
  localStorage.removeItem(KEY);
}
