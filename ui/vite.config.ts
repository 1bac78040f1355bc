import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import type { PluginOption } from "vite";
import { defineConfig } from "vitest/config";

const api = process.env.KONTOR_URL ?? "http://localhost:3000";
const mocked = process.env.KONTOR_MOCK === "1";

/** The mock answers the API in the development server only; it never enters the bundle. */
async function mockPlugins(): Promise<PluginOption[]> {
  if (!mocked) return [];
  const { mockApi } = await import("./dev/plugin.ts");
  return [mockApi()];
}

export default defineConfig(async () => ({
  plugins: [react(), ...(await mockPlugins())],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: { target: "es2022", chunkSizeWarningLimit: 700, assetsInlineLimit: 0 },
  server: { port: 5173, proxy: mocked ? undefined : { "/api": { target: api } } },
  test: { environment: "jsdom", include: ["src/**/*.test.ts", "src/**/*.test.tsx"] },
}));
