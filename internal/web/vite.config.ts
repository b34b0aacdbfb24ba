import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { VitePWA } from "vite-plugin-pwa";
import { sources } from "./sources.ts";

const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8")) as { version: string };
const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// Builds the field app into dist/app, which the Go package embeds. Names of
// assets carry their hash, so that they may be kept for ever.
export default defineConfig({
  root: "app",
  base: "/app/",
  publicDir: "public",
  define: { __VERSION__: JSON.stringify(process.env.THIDUA_APP_VERSION ?? version) },
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: {
    outDir: process.env.THIDUA_APP_OUT ?? "../dist/app", // another one for tests of updates
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // a strict policy takes no data: scripts or styles
  },
  plugins: [
    VitePWA({
      strategies: "injectManifest",
      srcDir: ".",
      filename: "sw.ts",
      injectRegister: false,
      injectManifest: { globPatterns: ["**/*.{js,css,html,svg,png,webmanifest}"] },
      manifest: {
        id: "/app/",
        name: "Thi đua",
        short_name: "Thi đua",
        description: "Ghi hội nghị và chấm điểm thi đua, cả khi không có sóng",
        lang: "vi",
        start_url: "/app/",
        scope: "/app/",
        display: "standalone",
        background_color: "#ffffff",
        theme_color: "#0b6157",
        icons: [
          { src: "icon.svg", sizes: "any", type: "image/svg+xml" },
          { src: "icon-192.png", sizes: "192x192", type: "image/png" },
          { src: "icon-512.png", sizes: "512x512", type: "image/png" },
          { src: "icon-maskable-512.png", sizes: "512x512", type: "image/png", purpose: "maskable" },
        ],
      },
    }),
    process.env.THIDUA_APP_OUT ? null : sources(at("../.."), at("dist")),
  ],
});
