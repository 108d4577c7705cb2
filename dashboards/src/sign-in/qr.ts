/** The key of a second factor as a picture that an authenticator app scans. Loaded where one is set; the key goes nowhere for it. */
import { renderSVG } from "uqr";

/** The address of a picture. */
export function qrOf(text: string): string {
  return `data:image/svg+xml,${encodeURIComponent(renderSVG(text, { border: 2 }))}`;
}
