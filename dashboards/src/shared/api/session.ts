/** Whether people sign in at this server: then it knows who enters what. Asked once for a page. */
import { apiUrl, ask } from "./ask.ts";

let asked: Promise<boolean> | null = null;

export async function isSignedIn(): Promise<boolean> {
  asked ??= ask<{ readonly signIn: boolean }>(apiUrl("/session")).then(({ body }) => body.signIn);
  try {
    return await asked;
  } catch (error) {
    asked = null;
    throw error;
  }
}
