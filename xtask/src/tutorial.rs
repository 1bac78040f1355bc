//! `cargo xtask tutorial`: runs the shell lines of `docs/tutorial.md` on a fresh demo, so that
//! what people copy from it works.

use crate::server::{self, Demo};
use crate::sh::{self, Result, Scratch};
use crate::tools;

const PAGE: &str = "docs/tutorial.md";
/// Seconds after which a line that waits for something has waited too long.
const LIMIT: &str = "240";
/// Stops the demo, in the place of the fence of a block that wants it stopped.
const STOP: &str = "kill \"$KONTOR_PID\"; while curl -s \"$KONTOR_URL\" > /dev/null; do sleep 0.2; \
                    done; sleep 1";
/// Stops at the first failing line and names it. One line, in the place of the page's heading.
const FIRST: &str = "set -Eeuo pipefail; trap 'echo \"docs/tutorial.md:$LINENO: \
                     this line failed: $BASH_COMMAND\" >&2' ERR; \
                     trap 'kill $(jobs -p) 2> /dev/null || true' EXIT";

/// Starts a demo and runs the page.
pub(crate) fn run() -> Result {
    tools::curl()?;
    tools::jq()?;
    let page =
        std::fs::read_to_string(sh::root().join(PAGE)).map_err(|e| format!("{PAGE}: {e}"))?;
    let folder = Scratch::new("tutorial")?;
    let script = folder.path().join("tutorial.sh");
    std::fs::write(&script, script_of(&page)).map_err(|e| e.to_string())?;
    let demo = Demo::start()?;
    let mut bash = sh::command("timeout", &[LIMIT, "bash"]);
    bash.arg(script)
        .env("KONTOR_URL", demo.url())
        .env("KONTOR_DATA", demo.data())
        .env("KONTOR_PID", demo.pid())
        .env("KONTOR", server::program())
        .env("TMPDIR", folder.path());
    let done = sh::run_as(PAGE, bash);
    if done.is_err() {
        out!("the end of the server's log:\n{}", demo.last_words());
    }
    done
}

/// The page as a script in which every line has the number that it has on the page.
fn script_of(page: &str) -> String {
    let mut inside = false;
    let lines = page.lines().enumerate().map(|(n, line)| match line {
        "```sh" => {
            inside = true;
            ""
        }
        "```sh stopped" => {
            inside = true;
            STOP
        }
        "```" => {
            inside = false;
            ""
        }
        line if inside => line,
        _ if n == 0 => FIRST,
        _ => "",
    });
    lines.flat_map(|line| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_shell_blocks_are_run_and_lines_keep_their_numbers() {
        let page = "# Title\n\ntext\n```sh\necho 1\n```\n```text\nrm x\n```\n\
                    ```sh\necho 2\n```\n```sh stopped\necho 3\n```\n";
        let script = script_of(page);
        let lines: Vec<&str> = script.lines().collect();
        assert_eq!((lines[0], lines[4], lines[10]), (FIRST, "echo 1", "echo 2"));
        assert_eq!((lines[12], lines[13]), (STOP, "echo 3"));
        assert!(!script.contains("rm x") && !script.contains("text"));
    }
}
