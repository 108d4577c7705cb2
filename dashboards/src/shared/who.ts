/** Who enters, as the audit will name them. Kept in the browser; a tablet that nobody gave a name is "tablet". */
const KEY = "oee.by";
const NOBODY = "tablet";

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
