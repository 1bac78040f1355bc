import { expect, it } from "vitest";
import { onceSender } from "./once";

it("sends the same again as the same request until it is done, and then as another", async () => {
  const sent: string[] = [];
  const send = onceSender("disable");
  const lost = (key: string) => {
    sent.push(key);
    return Promise.reject(new Error("lost"));
  };
  const heard = (key: string) => Promise.resolve(sent.push(key));
  await expect(send(["u", "left"], lost)).rejects.toThrow("lost");
  await send(["u", "left"], heard);
  await send(["u", "left"], heard);
  await expect(send(["u", "came back"], lost)).rejects.toThrow("lost");
  await send(["v", "came back"], heard);
  const [first, again, later, ...others] = sent;
  expect(first).toMatch(/^console-disable-[0-9a-f]{32}$/);
  expect(again).toBe(first);
  expect(new Set([first, later, ...others]).size).toBe(4);
});
