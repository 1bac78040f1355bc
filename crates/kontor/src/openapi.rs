//! The outline of the API's description, and what holds for many routes at once.

use std::collections::{BTreeMap, BTreeSet};

use utoipa::OpenApi as _;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{ArrayItems, Schema};
use utoipa::openapi::{ObjectBuilder, OpenApi, Ref, RefOr, Required, Type};

const HEADER: &str = "Idempotency-Key";
/// POSTs with nothing to be done twice: tokens are always new, a what-if saves nothing.
const NO_KEY: [&str; 2] = ["/auth/", "/reprice"];
const SCHEMAS: &str = "#/components/schemas/";
/// Leaves its particulars out when there are none; every other answer writes all its fields.
const NOT_WHOLE: &str = "ErrorDetail";

type Schemas = BTreeMap<String, RefOr<Schema>>;

/// Says what holds for many routes at once, when all of them are there.
///
/// Every POST that changes the house takes an Idempotency-Key (`platform::idempotency`); routes
/// that require one say so themselves. Operations are named by module and handler. An answer has
/// all its fields: one without a value is null. Pages refer to their rows by name.
pub(crate) fn complete(document: &mut OpenApi) {
    let (mut asked, mut answered) = (BTreeSet::new(), BTreeSet::new());
    for (path, item) in &mut document.paths.paths {
        if let Some(post) = &mut item.post
            && !NO_KEY.iter().any(|part| path.contains(part))
        {
            describe(post);
        }
        for operation in operations(item) {
            name(operation);
            references(&operation.request_body, &mut asked);
            references(&operation.responses, &mut answered);
        }
    }
    let Some(components) = &mut document.components else { return };
    rows_by_name(&mut components.schemas);
    let asked = closed(&components.schemas, asked);
    for schema in closed(&components.schemas, answered).difference(&asked) {
        if let Some(RefOr::T(Schema::Object(o))) = components.schemas.get_mut(schema)
            && schema != NOT_WHOLE
        {
            o.required = o.properties.keys().cloned().collect();
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete]
        .into_iter()
        .flatten()
}

/// Several modules call theirs `list`.
fn name(operation: &mut Operation) {
    let module = operation.tags.as_ref().and_then(|t| t.first());
    if let (Some(module), Some(handler)) = (module, &operation.operation_id) {
        operation.operation_id = Some(format!("{module}_{handler}").replace(' ', "_"));
    }
}

/// Adds the names of the schemas that `part` refers to.
fn references(part: &impl serde::Serialize, found: &mut BTreeSet<String>) {
    fn walk(value: &serde_json::Value, found: &mut BTreeSet<String>) {
        match value {
            serde_json::Value::String(s) => {
                found.extend(s.strip_prefix(SCHEMAS).map(str::to_owned));
            }
            serde_json::Value::Array(list) => list.iter().for_each(|v| walk(v, found)),
            serde_json::Value::Object(map) => map.values().for_each(|v| walk(v, found)),
            _ => {}
        }
    }
    walk(&serde_json::to_value(part).unwrap_or_default(), found);
}

/// `names` and everything that these refer to.
fn closed(schemas: &Schemas, names: BTreeSet<String>) -> BTreeSet<String> {
    let (mut all, mut open) = (names.clone(), names);
    while let Some(name) = open.pop_first() {
        let mut found = BTreeSet::new();
        references(&schemas.get(&name), &mut found);
        open.extend(found.into_iter().filter(|f| all.insert(f.clone())));
    }
    all
}

fn rows_by_name(schemas: &mut Schemas) {
    let names: BTreeSet<String> = schemas.keys().cloned().collect();
    for (page, schema) in schemas {
        let row = page.strip_prefix("Page_").filter(|r| names.contains(*r));
        if let (Some(row), RefOr::T(Schema::Object(o))) = (row, schema)
            && let Some(RefOr::T(Schema::Array(data))) = o.properties.get_mut("data")
        {
            data.items = ArrayItems::RefOrSchema(Box::new(Ref::from_schema_name(row).into()));
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
