//! How the plain values of the kernel look in the OpenAPI description.

use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{KnownFormat, RefOr, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

use crate::{Asset, Exact, Money, Month, Timestamp};

pub use utoipa;

/// A text with a pattern and an example.
pub fn text(about: &str, pattern: &str, example: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .description(Some(about))
        .pattern(Some(pattern))
        .examples([serde_json::json!(example)])
        .into()
}

macro_rules! text_schema {
    ($ty:ty, $about:literal, $pattern:literal, $example:literal) => {
        impl PartialSchema for $ty {
            fn schema() -> RefOr<Schema> {
                text($about, $pattern, $example)
            }
        }
        impl ToSchema for $ty {}
    };
}

text_schema!(Asset, "Currency code (ISO 4217).", "^[A-Z]{3}$", "EUR");
text_schema!(Month, "Calendar month.", "^[0-9]{4}-(0[1-9]|1[0-2])$", "2024-03");
text_schema!(
    Exact,
    "Exact decimal with at most 12 digits after the point.",
    "^-?[0-9]+([.][0-9]{1,12})?$",
    "1234.5678"
);

impl PartialSchema for Timestamp {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("RFC 3339, UTC."))
            .into()
    }
}

impl ToSchema for Timestamp {}

impl PartialSchema for Money {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .description(Some("An exact amount."))
            .property(
                "amount",
                text(
                    "Exact decimal, at most the digits of the currency.",
                    "^-?[0-9]{1,15}([.][0-9]{1,9})?$",
                    "12400.00",
                ),
            )
            .property("currency", Asset::schema())
            .required("amount")
            .required("currency")
            .additional_properties(Some(utoipa::openapi::schema::AdditionalProperties::FreeForm(
                false,
            )))
            .into()
    }
}

impl ToSchema for Money {}
