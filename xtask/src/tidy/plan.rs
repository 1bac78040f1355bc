//! The plan of the house: which package may use which, and which rooms know axum.

/// Packages and their tiers (ARCHITECTURE.md). Tools may use everything.
const TIERS: [(&str, u8); 8] = [
    ("kernel", 0),
    ("contracts", 1),
    ("platform", 2),
    ("ledger", 3),
    ("access", 4),
    ("deals", 4),
    ("realtime", 4),
    ("kontor", 5),
];

/// Rooms of the modules that know axum.
const AXUM_ROOMS: [&str; 5] =
    ["/http.rs", "/http/", "/wiring.rs", "access/src/gateway/", "realtime/src/sse.rs"];

fn tier(package: &str) -> Option<u8> {
    TIERS.iter().find(|(name, _)| *name == package).map(|(_, tier)| *tier)
}

/// A manifest whose package uses its own tier or a higher one.
pub(super) fn tiers(path: &str, text: &str) -> Vec<String> {
    let Some(package) = path.strip_prefix("crates/").and_then(|p| p.strip_suffix("/Cargo.toml"))
    else {
        return Vec::new();
    };
    let Some(own) = tier(package) else {
        return vec![format!("{path}: package {package} has no tier: add it to the plan")];
    };
    let uses = text.split("[dev-dependencies]").next().unwrap_or_default();
    uses.lines()
        .filter_map(|l| l.split(['.', ' ', '=']).next())
        .filter_map(|name| tier(name).map(|t| (name, t)))
        .filter(|(_, t)| *t >= own)
        .map(|(name, t)| {
            format!(
                "{path}: {package} (tier {own}) uses {name} (tier {t}); only lower tiers may be \
                 used: send an event, or add a port to contracts"
            )
        })
        .collect()
}

/// A room that knows axum and should not.
pub(super) fn axum(path: &str, text: &str) -> Vec<String> {
    let modules = ["crates/access/", "crates/deals/", "crates/ledger/", "crates/realtime/"];
    let inside = modules.iter().any(|m| path.starts_with(m)) && path.ends_with(".rs");
    if !inside || path.contains("/tests") || AXUM_ROOMS.iter().any(|room| path.contains(room)) {
        return Vec::new();
    }
    let lines = text.lines().enumerate().filter(|(_, l)| l.contains("axum::"));
    lines.map(|(n, _)| format!("{path}:{}: axum belongs in http.rs", n + 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_broken_once_is_seen() {
        let upward = "[dependencies]\nkontor.workspace = true\nkernel.workspace = true\n";
        let found = tiers("crates/deals/Cargo.toml", upward);
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("uses kontor (tier 5)"), "{found:?}");
        assert_eq!(tiers("crates/deals/Cargo.toml", "access = {}").len(), 1, "the same tier");
        assert!(tiers("crates/deals/Cargo.toml", "[dev-dependencies]\nkontor = {}").is_empty());
        assert_eq!(tiers("crates/utils/Cargo.toml", "").len(), 1);
        assert_eq!(axum("crates/deals/src/a/service.rs", "use axum::Json;").len(), 1);
        assert!(axum("crates/deals/src/a/http.rs", "use axum::Json;").is_empty());
    }
}
