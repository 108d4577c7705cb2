/**
 * Builds the dashboards into `dist`, which the gateway serves: a page each for wall, desk, tablets and the sign-in, the rest below
 * `/assets/`. The manifest says which assets each page may come to load.
 * Old smart televisions set the language level (W-7): Chromium 79, for scripts and style sheets alike.
 */
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** What the head of every page begins with, in place of its comment `shared`. */
const HEAD = `<meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="robots" content="noindex" />
    <title>open OEE</title>
    <link rel="icon" type="image/svg+xml" href="/src/shared/icon.svg" />
    <link rel="stylesheet" href="/src/shared/fonts.css" />
    <link rel="stylesheet" href="/src/shared/tokens.css" />`;

const sharedHead: Plugin = {
  name: "shared-head",
  transformIndexHtml: { order: "pre", handler: (html) => html.replace("<!-- shared -->", HEAD) },
};

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), sharedHead],
  build: {
    target: "chrome79",
    cssTarget: "chrome79",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    manifest: true,
    rolldownOptions: {
      input: ["index.html", "review.html", "reasons.html", "sign-in.html"].map(
        (page) => `${import.meta.dirname}/${page}`,
      ),
    },
  },
  server: {
    proxy: {
      "/api": "http://127.0.0.1:8080",
      "/socket.io": { target: "http://127.0.0.1:8080", ws: true },
    },
  },
});
