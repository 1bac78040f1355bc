//! Just enough of a Rust lexer for the rules: where strings are, and the text without comments.

/// A string literal.
pub(super) struct Literal {
    /// Line it begins on, from 1.
    pub(super) line: usize,
    /// Its place in [`Source::code`].
    pub(super) at: usize,
    /// What is between the quotes, escapes as written, white space as one blank.
    pub(super) text: String,
}

/// A file, taken apart. Tests at its end are left out.
pub(super) struct Source {
    /// The text without comments, strings as `""`.
    pub(super) code: String,
    /// The text without comments, strings kept, white space as one blank.
    pub(super) plain: String,
    /// Every string.
    pub(super) literals: Vec<Literal>,
}

/// Takes a file apart.
pub(super) fn read(text: &str) -> Source {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let mut lexer = Lexer {
        rest: text.chars().collect(),
        at: 0,
        line: 1,
        out: Source { code: String::new(), plain: String::new(), literals: Vec::new() },
    };
    while lexer.at < lexer.rest.len() {
        lexer.step();
    }
    lexer.out.plain = collapse(&lexer.out.plain);
    lexer.out
}

/// White space, also a line that goes on after `\`, as one blank.
fn collapse(text: &str) -> String {
    text.replace("\\\n", " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

struct Lexer {
    rest: Vec<char>,
    at: usize,
    line: usize,
    out: Source,
}

impl Lexer {
    fn peek(&self, n: usize) -> char {
        self.rest.get(self.at + n).copied().unwrap_or('\0')
    }

    fn take(&mut self) -> char {
        let c = self.peek(0);
        self.at += 1;
        self.line += usize::from(c == '\n');
        c
    }

    fn step(&mut self) {
        match (self.peek(0), self.peek(1)) {
            ('/', '/') => {
                while self.at < self.rest.len() && self.peek(0) != '\n' {
                    self.take();
                }
            }
            ('/', '*') => self.block_comment(),
            ('"', _) => self.string(0, false),
            ('r', '"' | '#') if !self.inside_a_word() && self.hashes().is_some() => {
                let hashes = self.hashes().unwrap_or(0);
                self.at += 1 + hashes;
                self.string(hashes, true);
            }
            ('\'', '\\') => self.character(),
            ('\'', _) if self.peek(2) == '\'' => self.character(),
            _ => {
                let c = self.take();
                self.out.code.push(c);
                self.out.plain.push(c);
            }
        }
    }

    fn inside_a_word(&self) -> bool {
        let before = self.at.checked_sub(1).and_then(|i| self.rest.get(i)).copied();
        // `br"..."` is a raw string too.
        before.is_some_and(|c| (c.is_alphanumeric() && c != 'b') || c == '_')
    }

    /// How many `#` a raw string here has; `None` when `r` begins something else.
    fn hashes(&self) -> Option<usize> {
        let n = (0..).take_while(|n| self.peek(1 + n) == '#').count();
        (self.peek(1 + n) == '"').then_some(n)
    }

    fn block_comment(&mut self) {
        let mut depth = 0_usize;
        while self.at < self.rest.len() {
            match (self.peek(0), self.peek(1)) {
                ('/', '*') => depth += 1,
                ('*', '/') => depth -= 1,
                _ => {
                    self.take();
                    continue;
                }
            }
            self.at += 2;
            if depth == 0 {
                return;
            }
        }
    }

    fn character(&mut self) {
        self.take();
        while self.at < self.rest.len() {
            match self.take() {
                '\\' => drop(self.take()),
                '\'' => break,
                _ => {}
            }
        }
        self.out.code.push_str("' '");
        self.out.plain.push_str("' '");
    }

    fn string(&mut self, hashes: usize, raw: bool) {
        let (line, mut text) = (self.line, String::new());
        self.take();
        while self.at < self.rest.len() {
            let c = self.take();
            if c == '\\' && !raw {
                text.push(c);
                text.push(self.take());
            } else if c == '"' && (0..hashes).all(|n| self.peek(n) == '#') {
                self.at += hashes;
                break;
            } else {
                text.push(c);
            }
        }
        let text = collapse(&text);
        let at = self.out.code.len();
        self.out.code.push_str("\"\"");
        self.out.plain.push_str(&format!("\"{text}\""));
        self.out.literals.push(Literal { line, at, text });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(text: &str) -> Vec<String> {
        read(text).literals.into_iter().map(|l| l.text).collect()
    }

    #[test]
    fn strings_are_found_and_nothing_else() {
        assert_eq!(strings(r#"f("a", 'b', '"', "c\"d"); // "e""#), ["a", "c\\\"d"]);
        assert_eq!(strings("let x: &'a str = r#\"raw \" one\"#; br\"two\""), ["raw \" one", "two"]);
        assert_eq!(strings("/* \"no\" /* \"no\" */ */ \"select \\\n    1\""), ["select 1"]);
        assert_eq!(strings("for r in rows { r\"x\" }"), ["x"]);
        assert!(strings("a\n#[cfg(test)]\nmod tests {\n \"b\" }").is_empty());
        assert_eq!(read("a\n\"b\nc\"\n\"d\"").literals[1].line, 4);
        assert_eq!(read("f( // x\n  \"a\",\n 'c')").plain, "f( \"a\", ' ')");
    }
}
