//! Routes are described, and what is described has names that mean one thing.

use super::lex::Source;

/// Routes for probes and machines, outside the description. Each is public and is called without
/// a token by `tests/tests/journeys/authorization.rs`.
const APART: [&str; 5] = ["/healthz", "/readyz", "/version", "/metrics", "/.well-known/jwks.json"];

/// `.route(...)` outside the list: a route that no description and so no authorization test has.
pub(super) fn described(path: &str, source: &Source) -> Vec<String> {
    if !path.starts_with("crates/") || path.contains("/tests") {
        return Vec::new();
    }
    let words = [".route(", ".route_service(", ".nest_service("];
    let mut found = Vec::new();
    for word in words {
        for rest in source.plain.split(word).skip(1) {
            let route = rest.trim_start().strip_prefix('"').and_then(|r| r.split('"').next());
            let route = route.unwrap_or("(not a text)");
            if !APART.contains(&route) {
                found.push(format!(
                    "{path}: the route {route} is not in the description of the API, so nothing \
                     tests who may call it: use `.routes(routes!(handler))`"
                ));
            }
        }
    }
    found
}

/// A type of the description: its name there, and where it is.
pub(super) fn schemas(path: &str, source: &Source) -> Vec<(String, String)> {
    if !path.starts_with("crates/") || path.contains("/tests") {
        return Vec::new();
    }
    source.plain.split("ToSchema)]").skip(1).filter_map(|rest| name(path, rest)).collect()
}

fn name(path: &str, rest: &str) -> Option<(String, String)> {
    let kind =
        [" struct ", " enum "].iter().filter_map(|k| Some((rest.find(k)?, k.len()))).min()?;
    let word = |text: &str| {
        text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>()
    };
    let attributes = &rest[..kind.0];
    let other = attributes.split("schema(as = ").nth(1).map(word);
    let name = other.unwrap_or_else(|| word(&rest[kind.0 + kind.1..]));
    // A macro's `$name` has no name yet.
    (!name.is_empty()).then(|| (name, path.to_owned()))
}

/// Two types of one name: the description keeps one of them and lies about the other.
pub(super) fn twice(schemas: &mut [(String, String)]) -> Vec<String> {
    schemas.sort();
    schemas
        .windows(2)
        .filter(|pair| pair[0].0 == pair[1].0)
        .map(|pair| {
            format!(
                "{}: the API already describes a type {} ({}): rename it, or add \
                 #[schema(as = OtherName)]",
                pair[1].1, pair[1].0, pair[0].1
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::lex::read;
    use super::*;

    #[test]
    fn a_route_outside_the_description_is_seen() {
        let health = ".route(\"/healthz\", get(ok)).route(\n    \"/metrics\", get(m))";
        assert!(described("crates/kontor/src/health.rs", &read(health)).is_empty());
        let hidden = described("crates/deals/src/a/http.rs", &read(".route(\"/secret\", get(x))"));
        assert!(hidden[0].contains("/secret is not in the description"), "{hidden:?}");
        assert_eq!(described("crates/deals/src/a/http.rs", &read(".route(PATH, get(x))")).len(), 1);
    }

    #[test]
    fn two_types_of_one_name_are_seen() {
        let one = read("#[derive(utoipa::ToSchema)]\n#[serde(x)]\npub enum Status { A }");
        let two = read("#[derive(ToSchema)]\nstruct Status;\n");
        let mut found = schemas("crates/a/src/x.rs", &one);
        assert!(twice(&mut found).is_empty());
        found.extend(schemas("crates/b/src/y.rs", &two));
        assert!(twice(&mut found)[0].contains("already describes a type Status"));
        let renamed = read("#[derive(ToSchema)]\n#[schema(as = OtherStatus)]\nstruct Status;\n");
        assert_eq!(schemas("crates/b/src/y.rs", &renamed)[0].0, "OtherStatus");
    }
}
