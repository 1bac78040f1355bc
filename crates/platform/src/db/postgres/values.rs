//! Values on their way to the server and back: only what both engines agree on.

use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use crate::db::error::DbError;
use crate::db::value::Value;

pub(super) fn borrowed(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|p| p as &(dyn ToSql + Sync)).collect()
}

impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut bytes::BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match (self, ty) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Int(v), &Type::INT8) => v.to_sql(ty, out),
            (Self::Int(v), &Type::INT4) => i32::try_from(*v)?.to_sql(ty, out),
            (Self::Text(v), &Type::TEXT | &Type::VARCHAR | &Type::NAME) => v.to_sql(ty, out),
            (Self::Blob(v), &Type::BYTEA) => v.to_sql(ty, out),
            (v, ty) => Err(format!("a {v:?} cannot be bound to {ty}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

pub(super) fn cell(row: &tokio_postgres::Row, i: usize) -> Result<Value, DbError> {
    let column = &row.columns()[i];
    let wrong = |e: tokio_postgres::Error| DbError::Type(format!("{}: {e}", column.name()));
    Ok(match *column.type_() {
        Type::INT8 => row.try_get::<_, Option<i64>>(i).map_err(wrong)?.into(),
        Type::INT4 => row.try_get::<_, Option<i32>>(i).map_err(wrong)?.into(),
        Type::TEXT | Type::VARCHAR | Type::NAME => {
            row.try_get::<_, Option<String>>(i).map_err(wrong)?.into()
        }
        Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(i).map_err(wrong)?.into(),
        ref other => {
            return Err(DbError::Type(format!(
                "column '{}' has type {other}: cast it in the statement",
                column.name()
            )));
        }
    })
}
