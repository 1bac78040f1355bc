//! The outline of the API's description, and what holds for many routes at once.

use utoipa::OpenApi as _;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::{ObjectBuilder, OpenApi, RefOr, Required, Type};

const HEADER: &str = "Idempotency-Key";

/// Every POST takes an Idempotency-Key (`platform::idempotency`); routes that require one say so
/// themselves.
pub(crate) fn describe_idempotency(document: &mut OpenApi) {
    for item in document.paths.paths.values_mut() {
        if let Some(post) = &mut item.post {
            describe(post);
        }
    }
}

fn describe(post: &mut Operation) {
    let parameters = post.parameters.get_or_insert_default();
    if parameters.iter().any(|p| matches!(p, RefOr::T(p) if p.name == HEADER)) {
        return;
    }
    let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1));
    let header = ParameterBuilder::new()
        .name(HEADER)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("Same key and content, done once; 1 to 255 visible characters"))
        .schema(Some(text.max_length(Some(255))));
    parameters.push(RefOr::T(header.build()));
}

/// The description without its routes.
pub(crate) fn outline() -> OpenApi {
    ApiDoc::openapi()
}

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "Kontor", description = "The trading house in one program."),
    modifiers(&Security),
    security(("bearer" = []))
)]
struct ApiDoc;

struct Security;

impl utoipa::Modify for Security {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        openapi
            .components
            .get_or_insert_default()
            .add_security_scheme("bearer", SecurityScheme::Http(bearer));
    }
}
