/** The address of a second factor as a QR code for an authenticator app. It is drawn in the browser; the key is sent nowhere for it. */
import { renderSVG } from "uqr";

/** The data URL of a QR code, an SVG picture. */
export function qrOf(text: string): string {
  return `data:image/svg+xml,${encodeURIComponent(renderSVG(text, { border: 2 }))}`;
}
