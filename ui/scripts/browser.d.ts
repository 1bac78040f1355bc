export const CHROMIUM: string;
export const ARGS: string[];
export function launch(): Promise<import("@playwright/test").Browser>;
