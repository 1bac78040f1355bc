// Compresses what was built, once, so that no request has to: FILE.br and FILE.gz beside FILE.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const folder = new URL("../dist", import.meta.url).pathname;
const TEXT = /\.(css|html|js|json|map|svg|txt|webmanifest)$/;
/** Smaller files are one packet anyway. */
const LEAST = 1_024;

for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !TEXT.test(entry.name)) continue;
  const path = join(entry.parentPath, entry.name);
  const plain = readFileSync(path);
  if (plain.length < LEAST) continue;
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: plain.length,
  };
  for (const [end, packed] of [
    ["br", brotliCompressSync(plain, { params })],
    ["gz", gzipSync(plain, { level: 9 })],
  ]) {
    if (packed.length < plain.length) writeFileSync(`${path}.${end}`, packed);
  }
}
