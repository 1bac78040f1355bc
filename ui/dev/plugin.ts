import type { Plugin } from "vite";
export function mockApi(): Plugin {
  return { name: "kontor-mock" };
}
