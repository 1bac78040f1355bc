import { Kbd } from "@mantine/core";
import { useDisclosure, useWindowEvent } from "@mantine/hooks";
import { useMay } from "@/api/may";
import { Dialog } from "@/kit/layers";
import { useShortcuts } from "@/kit/useShortcuts";

const OPEN = "kontor:keys";
export const openKeys = () => window.dispatchEvent(new Event(OPEN));

const KEYS: [string[], string][] = [
  [["Ctrl", "K"], "Go to a page or a deal"],
  [["/"], "Search deals"],
  [["n"], "New offer"],
  [["j"], "Next row"],
  [["k"], "Previous row"],
  [["↑", "↓"], "Walk in a table; up at its top are the column heads"],
  [["Enter"], "Open the row"],
  [["Esc"], "Close"],
  [["?"], "This list"],
];

export function KeysHelp() {
  const [opened, { open, close }] = useDisclosure(false);
  const creates = useMay("offers.create");
  useWindowEvent(OPEN, open);
  // Layouts and browsers disagree on whether the question mark comes with shift.
  useShortcuts([
    ["?", open],
    ["shift+?", open],
  ]);
  return (
    <Dialog opened={opened} onClose={close} title="Keyboard" size="sm">
      <dl style={{ margin: 0, display: "grid", gap: 10 }}>
        {KEYS.filter(([keys]) => creates || keys[0] !== "n").map(([keys, text]) => (
          <div key={text} style={{ display: "flex", justifyContent: "space-between" }}>
            <dt style={{ fontSize: 13 }}>{text}</dt>
            <dd style={{ margin: 0, display: "flex", gap: 4 }}>
              {keys.map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
