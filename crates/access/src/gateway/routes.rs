//! The table of routes: what a path needs beyond the rules for all, and where it is served.
//!
//! `gateway.routes_file` names a TOML file of `[[route]]` entries. The longest path wins. A
//! route with `upstream` is proxied to a role that was split off; without one it is served in
//! this process.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::{Method, Uri};
use kernel::{Error, Principal, Role};
use serde::Deserialize;

/// One entry.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Route {
    /// The path, and everything below it.
    path: String,
    /// Methods it holds for; all when empty.
    #[serde(default)]
    methods: Vec<String>,
    /// A role that the caller must have.
    role: Option<Role>,
    /// An action that policy must allow to the caller.
    pub(super) action: Option<String>,
    /// Requests of one caller in a minute, counted for this route alone.
    pub(super) rate_per_minute: Option<u32>,
    /// Milliseconds until the answer must have begun.
    pub(super) timeout_ms: Option<u64>,
    /// Addresses of the processes that serve it: `http://host:port`, or `h2c://` for HTTP/2.
    #[serde(default)]
    pub(super) upstream: Vec<String>,
    /// Put in the place of `path`.
    rewrite: Option<String>,
    /// Requests so far: its processes take turns. Every route has its own, or regular traffic on
    /// one would send all requests of another to the same process.
    #[serde(skip)]
    turn: AtomicUsize,
}

/// The table, longest path first.
#[derive(Debug, Default)]
pub(super) struct Routes(Vec<Route>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    route: Vec<Route>,
}

impl Routes {
    /// Reads a table.
    ///
    /// # Errors
    /// `Invalid` with the place in the text, or naming the route that is wrong.
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let wrong = |why: String| Error::invalid("gateway.routes_file", why);
        let mut routes = toml::from_str::<File>(text).map_err(|e| wrong(e.to_string()))?.route;
        for r in &routes {
            let paths = [Some(&r.path), r.rewrite.as_ref()];
            if paths.into_iter().flatten().any(|p| !p.starts_with('/')) {
                return Err(wrong(format!("the route '{}': paths begin with '/'", r.path)));
            }
            for method in &r.methods {
                if Method::from_bytes(method.as_bytes()).is_err()
                    || *method != method.to_uppercase()
                {
                    return Err(wrong(format!("'{method}' of '{}' is no method", r.path)));
                }
            }
            for upstream in &r.upstream {
                if super::upstream::address(upstream).is_none() {
                    let rule = "an upstream is http://host:port or h2c://host:port";
                    return Err(wrong(format!("'{upstream}' of '{}': {rule}", r.path)));
                }
            }
        }
        routes.sort_by_key(|r| std::cmp::Reverse(r.path.len()));
        Ok(Self(routes))
    }

    /// The entry for a request.
    pub(super) fn find(&self, method: &Method, path: &str) -> Option<&Route> {
        self.0.iter().find(|r| r.holds_for(method, path))
    }

    /// Every upstream that is named.
    pub(super) fn upstreams(&self) -> impl Iterator<Item = &String> {
        self.0.iter().flat_map(|r| &r.upstream)
    }
}

impl Route {
    /// The addresses of its processes, beginning with the one whose turn it is.
    pub(super) fn in_turn(&self) -> impl Iterator<Item = &String> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % self.upstream.len().max(1);
        let (later, first) = self.upstream.split_at(turn);
        first.iter().chain(later)
    }

    fn holds_for(&self, method: &Method, path: &str) -> bool {
        let below = path.strip_prefix(self.path.trim_end_matches('/'));
        let in_path = below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        // What may not be read has no heads for reading either.
        let method = if method == Method::HEAD { &Method::GET } else { method };
        in_path && (self.methods.is_empty() || self.methods.iter().any(|m| method == m.as_str()))
    }

    /// Whether the caller has the role that the route wants.
    pub(super) fn admits(&self, principal: &Principal) -> bool {
        self.role.is_none_or(|role| principal.roles.contains(&role))
    }

    /// The path and query that the request is served under.
    pub(super) fn target(&self, uri: &Uri) -> String {
        let path = uri.path();
        let path = match &self.rewrite {
            None => path.to_owned(),
            Some(new) => {
                let rest = path.strip_prefix(self.path.trim_end_matches('/')).unwrap_or_default();
                format!("{}{rest}", new.trim_end_matches('/'))
            }
        };
        match uri.query() {
            Some(query) => format!("{path}?{query}"),
            None => path,
        }
    }

    /// What its requests are counted under.
    pub(super) fn class(&self) -> &str {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = r#"
        [[route]]
        path = "/api/v1"
        upstream = ["http://127.0.0.1:4000"]
        [[route]]
        path = "/api/v1/offers/events"
        methods = ["GET"]
        upstream = ["h2c://hub:1"]
        [[route]]
        path = "/devices"
        rewrite = "/api/v1/devices"
        role = "operator"
    "#;

    #[test]
    fn the_longest_path_wins_and_ends_at_a_slash() {
        let routes = Routes::parse(TABLE).unwrap();
        let find = |m: Method, p: &str| routes.find(&m, p).map(|r| r.path.clone());
        assert_eq!(find(Method::GET, "/api/v1/offers").unwrap(), "/api/v1");
        let hub = find(Method::GET, "/api/v1/offers/events/deals").unwrap();
        assert_eq!(hub, "/api/v1/offers/events");
        assert_eq!(find(Method::POST, "/api/v1/offers/events").unwrap(), "/api/v1");
        let heads = find(Method::HEAD, "/api/v1/offers/events");
        assert_eq!(heads.unwrap(), "/api/v1/offers/events", "HEAD follows the rule of GET");
        assert_eq!(find(Method::GET, "/api/v10"), None);
        assert_eq!(find(Method::GET, "/"), None);
    }

    #[test]
    fn a_path_can_be_rewritten_and_keeps_its_query() {
        let routes = Routes::parse(TABLE).unwrap();
        let uri: Uri = "/devices/7?x=1".parse().unwrap();
        let route = routes.find(&Method::GET, uri.path()).unwrap();
        assert_eq!(route.target(&uri), "/api/v1/devices/7?x=1");
        assert!(!route.admits(&Principal::anonymous()));
    }

    #[test]
    fn what_is_wrong_in_a_table_is_named() {
        let wrong = |text: &str| Routes::parse(text).unwrap_err().message;
        assert!(wrong("[[route]]\npath = 'x'").contains("'x': paths begin with '/'"));
        assert!(wrong("[[route]]\npath = '/x'\nupstream = ['ftp://a']").contains("ftp://a"));
        assert!(wrong("[[route]]\npath = '/x'\nmethods = ['get']").contains("'get'"));
        assert!(wrong("[[route]]\npath = '/x'\ncolour = 1").contains("colour"));
    }
}
