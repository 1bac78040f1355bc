//! Identifiers: UUIDv7, written as text, typed per entity so that they cannot be mixed up.

pub use uuid::Uuid;

/// Where new identifiers come from. Only `platform` implements it; simulations seed their own.
pub trait Ids: Send + Sync {
    /// A new UUIDv7 (ordered by time).
    fn next(&self) -> Uuid;
}

/// Declares a typed identifier: `typed_id!(OfferId, "an offer");`
#[macro_export]
macro_rules! typed_id {
    ($name:ident, $what:literal) => {
        #[doc = concat!("Identifies ", $what, " (UUIDv7, written as text).")]
        #[derive(
            Debug,
            Clone,
            Copy,
            PartialEq,
            Eq,
            PartialOrd,
            Ord,
            Hash,
            serde::Serialize,
            serde::Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub $crate::ids::Uuid);

        impl $crate::schema::utoipa::PartialSchema for $name {
            fn schema() -> $crate::schema::utoipa::openapi::RefOr<
                $crate::schema::utoipa::openapi::schema::Schema,
            > {
                $crate::ids::uuid_schema()
            }
        }

        impl $crate::schema::utoipa::ToSchema for $name {}

        impl $name {
            /// A new identifier.
            pub fn new(ids: &dyn $crate::ids::Ids) -> Self {
                Self(ids.next())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::error::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::ids::Uuid::parse_str(text).map(Self).map_err(|_| {
                    $crate::error::Error::invalid(
                        "id",
                        format!("'{text}' is not the identifier of {}: a UUID is wanted", $what),
                    )
                })
            }
        }
    };
}

/// How an identifier looks in the OpenAPI description.
pub fn uuid_schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
    use utoipa::openapi::SchemaFormat;
    use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .format(Some(SchemaFormat::Custom("uuid".into())))
        .into()
}
