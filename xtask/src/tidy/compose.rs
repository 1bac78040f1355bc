//! `compose.yml`, read line by line: a YAML parser would be a dependency for one file. So the
//! file keeps to a form that lines can tell: services at two spaces, their keys at four, lists of
//! ports, volumes and profiles in brackets on one line.

/// The file.
pub(super) const PAGE: &str = "compose.yml";

/// What one may ask for.
const PROFILES: [&str; 3] = ["core", "identity", "observability"];

/// One service: its name, its keys and what stands behind them.
struct Service<'a> {
    name: &'a str,
    keys: Vec<(&'a str, &'a str)>,
}

impl<'a> Service<'a> {
    fn get(&self, key: &str) -> Option<&'a str> {
        self.keys.iter().find(|(k, _)| *k == key).map(|(_, value)| *value)
    }
}

/// What is wrong with the file.
pub(super) fn check(text: &str) -> Vec<String> {
    let services = services(text);
    if services.is_empty() {
        return vec![format!("{PAGE}: there are no services at two spaces")];
    }
    let found = services.iter().flat_map(wrong_with);
    found.map(|(name, what)| format!("{PAGE}: {name}: {what}")).collect()
}

fn services(text: &str) -> Vec<Service<'_>> {
    let mut found: Vec<Service<'_>> = Vec::new();
    let mut inside = false;
    for line in text.lines().filter(|l| !l.trim_start().starts_with('#') && !l.trim().is_empty()) {
        let indent = line.len() - line.trim_start().len();
        let Some((key, value)) = line.trim().split_once(':') else { continue };
        match (indent, inside) {
            (0, _) => inside = key == "services",
            (2, true) => found.push(Service { name: key, keys: Vec::new() }),
            (4, true) => {
                if let Some(service) = found.last_mut() {
                    service.keys.push((key, value.trim()));
                }
            }
            _ => {}
        }
    }
    found
}

fn wrong_with<'a>(s: &Service<'a>) -> Vec<(&'a str, String)> {
    let mut wrong = Vec::new();
    let mut add = |what: String| wrong.push((s.name, what));
    match s.get("image") {
        Some(image) if pinned(image) => {}
        Some(image) => add(format!("the image {image} has no version")),
        None => add("it has no image".into()),
    }
    if s.get("healthcheck").is_none() {
        add("it has no healthcheck".into());
    }
    let profiles = list(s.get("profiles").unwrap_or_default());
    if profiles.is_empty() || profiles.iter().any(|p| !PROFILES.contains(p)) {
        add(format!("its profiles are not among {}", PROFILES.join(", ")));
    }
    for port in list(s.get("ports").unwrap_or("[]")) {
        if !port.starts_with("127.0.0.1:") {
            add(format!("the port {port} is open to others: write 127.0.0.1:{port}"));
        }
    }
    match s.get("volumes") {
        Some("") => add("its volumes are not in brackets on one line".into()),
        Some(volumes) => {
            for volume in list(volumes) {
                if volume.starts_with(['/', '~', '$']) {
                    add(format!("the volume {volume} is a place of one machine"));
                }
            }
        }
        None => {}
    }
    wrong
}

/// An image with a version behind its name, that is not one which moves.
fn pinned(image: &str) -> bool {
    let name = image.rsplit('/').next().unwrap_or_default();
    let Some((_, version)) = name.split_once(':') else { return false };
    version.contains(|c: char| c.is_ascii_digit()) && version.contains('.')
}

/// `["a", b]` as its words.
fn list(text: &str) -> Vec<&str> {
    let inner = text.trim().trim_start_matches('[').trim_end_matches(']');
    inner.split(',').map(|w| w.trim().trim_matches('"')).filter(|w| !w.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "services:\n  db:\n    image: a.b/db:17.6-alpine\n    profiles: [core]\n    \
                        ports: [\"127.0.0.1:1:1\"]\n    volumes: [\"db:/data\"]\n    \
                        healthcheck:\n      test: [CMD, x]\nvolumes:\n  db:\n";

    #[test]
    fn a_good_file_has_nothing_wrong() {
        assert_eq!(check(GOOD), Vec::<String>::new());
    }

    #[test]
    fn each_rule_broken_once_is_seen() {
        for (from, to, says) in [
            ("a.b/db:17.6-alpine", "a.b/db:latest", "has no version"),
            ("a.b/db:17.6-alpine", "a.b/db", "has no version"),
            ("    image: a.b/db:17.6-alpine\n", "", "no image"),
            ("healthcheck", "other", "no healthcheck"),
            ("[core]", "[mine]", "profiles"),
            ("    profiles: [core]\n", "", "profiles"),
            ("127.0.0.1:1:1", "1:1", "open to others"),
            ("db:/data", "/srv/db:/data", "one machine"),
            ("[\"db:/data\"]", "", "brackets"),
            ("services:", "things:", "no services"),
        ] {
            let found = check(&GOOD.replacen(from, to, 1));
            assert_eq!(found.len(), 1, "{from} -> {to}: {found:?}");
            assert!(found[0].contains(says), "{found:?}");
        }
    }
}
